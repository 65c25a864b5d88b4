import { describe, expect, it } from '@jest/globals';
import { amount, prepaid } from '../testing/catalogs.js';
import { promotion, settleNow, start, usage } from '../testing/commands.js';
import { at, given } from '../testing/given.js';

const nothing = amount(0);

describe('what of a balance cannot be used', () => {
  it('is told by usage that draws on other credits while an expiry waits for late usage', () => {
    const { account } = given(
      prepaid,
      at('2026-01-01', start()),
      at('2026-01-01', promotion('A', 50, { expiresAt: '2026-01-10' })),
      at('2026-01-01', promotion('B', 30)),
      at('2026-01-10T00:10:00Z', usage('u1', 10, '2026-01-10T00:05:00Z')),
    );
    expect(account.events.at(-1)).toMatchObject({
      type: 'CreditsDebited',
      balance: { promotional: amount(70) },
      unusable: { included: nothing, purchased: nothing, promotional: amount(50) },
    });
  });

  it('is told of credits that have yet to take effect', () => {
    const { account } = given(
      prepaid,
      at('2026-01-01', start()),
      at('2026-01-01', promotion('A', 50, { effectiveAt: '2026-01-10' })),
    );
    expect(account.events.at(-1)).toMatchObject({
      type: 'CreditsGranted',
      balance: { promotional: amount(50) },
      unusable: { promotional: amount(50) },
    });
  });

  it('is left out where everything can be used', () => {
    const { account } = given(
      prepaid,
      at('2026-01-01', start()),
      at('2026-01-01', promotion('A', 50, { expiresAt: '2026-01-10' })),
      at('2026-01-09', usage('u1', 10, '2026-01-09')),
      at('2026-01-12', settleNow),
    );
    expect(account.events.map((event) => 'unusable' in event)).toEqual(account.events.map(() => false));
  });
});
