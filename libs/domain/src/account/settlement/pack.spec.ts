import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { allowance, amount, perUnit, planOf, plans } from '../testing/catalogs.js';
import { ask, cancel, settleNow, start } from '../testing/commands.js';

const packs = (rest = {}) =>
  given(
    plans(
      planOf({
        priced: {
          recurring: {
            quantity: amount(100),
            billingInterval: { unit: 'month', count: 1 },
            schedule: { ...perUnit('0.095'), taxPercent: amount(19) },
          },
        },
        ...rest,
      }),
    ),
    at('2026-01-31', start()),
  );

describe('a recurring pack', () => {
  it('is granted and priced each billing interval, and says what it cost', () => {
    const account = packs();
    expect(account.when(at('2026-03-31', settleNow))).toEqual([
      '~ granted 100 purchased sub/credits/pack/0/1 from 2026-02-28 until ever',
      '~ granted 100 purchased sub/credits/pack/0/2 from 2026-03-31 until ever',
    ]);
    expect(account.account.events[1]).toMatchObject({
      source: 'purchased',
      origin: {
        kind: 'pack',
        subscriptionId: 'sub',
        plan: { id: 'plan', version: 1 },
        period: { index: 0, start: '2026-01-31T00:00:00.000Z', end: '2026-02-28T00:00:00.000Z' },
        price: {
          currency: 'EUR',
          subtotal: '9.5',
          tax: '1.81',
          total: '11.31',
          lines: [{ quantity: '100', amount: '9.5' }],
        },
      },
    });
  });

  it('is granted beside an allowance of the same interval, after it', () => {
    expect(packs(allowance(7)).when(at('2026-02-28', settleNow))).toEqual([
      '~ granted 7 included sub/credits/allowance/0/1 from 2026-02-28 until 2026-03-31',
      '~ granted 100 purchased sub/credits/pack/0/1 from 2026-02-28 until ever',
    ]);
  });

  it('lives as long as purchased credits do, counted from its own period', () => {
    const account = packs({ expiresAfter: 'P3M' });
    expect(account.when(at('2026-02-28', settleNow))).toEqual([
      '~ granted 100 purchased sub/credits/pack/0/1 from 2026-02-28 until 2026-05-28',
    ]);
  });

  it('is a purchase under the subscription', () => {
    const account = packs({ mandatoryPurchase: true });
    expect(account.when(at('2026-02-01', ask('u1', 1, '2026-02-01')))).toEqual([
      'debited 1: sub/credits/pack/0/0 1',
    ]);
  });

  it('stays the customer’s when the subscription ends', () => {
    const account = packs();
    expect(account.when(at('2026-02-01', cancel('now')), at('2026-04-01', settleNow))).toEqual([
      'cancelled sub at 2026-02-01',
    ]);
    expect(account.availableAt('2026-04-01')).toBe('100');
  });
});
