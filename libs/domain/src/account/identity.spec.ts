import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { identityOf, usageIdentity } from './index.js';
import { promotion, settleNow, usage } from './testing/commands.js';

describe('identity', () => {
  it('of usage is its source and id, of a command its key, and settlement has none', () => {
    expect(identityOf(usage('u1', 1, '2026-01-01'))).toBe('usage/gateway/u1');
    expect(identityOf({ kind: 'usage', source: 'a/b', id: 'c', fingerprint: '' })).toBe('usage/a%2Fb/c');
    expect(identityOf(promotion('k', 1))).toBe('command/k');
    expect(identityOf({ kind: 'command', key: 'k', fingerprint: '' })).toBe('command/k');
    expect(identityOf(settleNow)).toBeNull();
    expect(identityOf({ kind: 'settlement' })).toBeNull();
  });

  it('is equal only if source and id are', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '/', '%', '2', 'F', '\u0000', 'ü'), maxLength: 6 });
    fc.assert(
      fc.property(part, part, part, part, (source, id, otherSource, otherId) => {
        const same = source === otherSource && id === otherId;
        expect(usageIdentity(source, id) === usageIdentity(otherSource, otherId)).toBe(same);
      }),
    );
  });
});
