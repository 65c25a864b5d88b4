import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fingerprintOf, type JsonValue } from './fingerprint.js';

describe('the fingerprint of a command', () => {
  it('does not depend on the order of members, nor on members that are not given', () => {
    expect(fingerprintOf({ a: 1, b: { c: '2', d: null } })).toBe(
      fingerprintOf({ b: { d: null, c: '2' }, a: 1, e: undefined }),
    );
  });

  it('is another for other content', () => {
    const value = fc.jsonValue() as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(value, value, (one, two) => {
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(two));
        expect(fingerprintOf(one) === fingerprintOf(two)).toBe(same);
      }),
      { numRuns: 500 },
    );
    expect(fingerprintOf(['members', ['a', 1]])).not.toBe(fingerprintOf({ a: 1 }));
    expect(fingerprintOf({ a: null })).not.toBe(fingerprintOf({}));
  });

  it('is stored for ever, so it never changes', () => {
    expect(fingerprintOf({ type: 'GrantCredits', amount: '10', features: ['a', 'b'] })).toBe(
      'a7860f0b3e44728ed631e452ca773f34',
    );
  });
});

/** The value with its members in one order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return {
    members: Object.entries(value)
      .sort(([one], [two]) => (one < two ? -1 : 1))
      .map(([name, member]) => ({ name, member: sorted(member) })),
  };
}
