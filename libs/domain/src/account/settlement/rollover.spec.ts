import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { allowance, amount, perUnit, planOf, plans } from '../testing/catalogs.js';
import {
  cancel,
  capture,
  change,
  promotion,
  reverse,
  settleNow,
  start,
  usage,
  hold,
  release,
} from '../testing/commands.js';

const rolling = (cap: number | null, periods = 1) =>
  given(
    plans(planOf(allowance(100, 'month', 1, { cap: cap === null ? null : amount(cap), periods }))),
    at('2026-01-01', start()),
  );
const first = 'sub/credits/allowance/0/0';

/** Allowances that roll over for ten periods, and a pack: what waits for the period's end waits for the longer one. */
const besidePacks = (allowanceDays: number, packDays: number) =>
  plans(
    planOf({
      ...allowance(100, 'day', allowanceDays, { periods: 10 }),
      priced: {
        recurring: {
          quantity: amount(5),
          billingInterval: { unit: 'day', count: packDays },
          schedule: perUnit(1),
        },
      },
    }),
  );

describe('rollover', () => {
  it('moves what is left, up to the cap, at the end of the period; the rest expires after its grace', () => {
    const account = rolling(30);
    account.when(at('2026-01-20', usage('u1', 40, '2026-01-20')));
    expect(account.when(at('2026-02-01', settleNow), at('2026-02-01T01:00:00Z', settleNow))).toEqual([
      `~ rolled over 30 of ${first} at 2026-02-01 until 2026-03-01`,
      '~ granted 100 included sub/credits/allowance/0/1 from 2026-02-01 until 2026-03-01',
      `~ expired 30 of ${first} at 2026-02-01`,
    ]);
    expect(account.account.wallet()).toMatchObject({ included: amount(130) });
    expect(account.account.grants().get(first)).toMatchObject({
      available: amount(0),
      consumed: amount(40),
      rolledOver: amount(30),
      expired: amount(30),
    });
  });

  it('moves no more than is left, however much the cap would allow', () => {
    const little = rolling(30);
    little.when(at('2026-01-20', usage('u1', 80, '2026-01-20')));
    expect(little.when(at('2026-02-01', settleNow))[0]).toBe(
      `~ rolled over 20 of ${first} at 2026-02-01 until 2026-03-01`,
    );
  });

  it('without a cap moves everything, and lives as many periods as the plan says', () => {
    expect(rolling(null, 2).when(at('2026-02-01', settleNow))[0]).toBe(
      `~ rolled over 100 of ${first} at 2026-02-01 until 2026-04-01`,
    );
  });

  it('changes no balance, keeps the priority and the place of what it came from, and rolls over only once', () => {
    const account = rolling(30);
    account.when(at('2026-02-01', settleNow));
    const rolled = account.account.grants().get(`${first}/rollover`);
    expect(rolled).toMatchObject({
      source: 'included',
      priority: 50,
      effectiveAt: '2026-01-01T00:00:00.000Z',
      granted: amount(30),
      rollover: null,
      origin: { kind: 'rollover', fromGrantId: first, subscriptionId: 'sub' },
    });
    expect(account.when(at('2026-03-01T02:00:00Z', settleNow))).toContain(
      `~ expired 30 of ${first}/rollover at 2026-03-01`,
    );
  });

  it('burns before the new allowance, which expires with it but came later', () => {
    const account = rolling(30);
    expect(account.when(at('2026-02-02', usage('u1', 40, '2026-02-02'))).at(-1)).toBe(
      `debited 40: ${first}/rollover 30 + sub/credits/allowance/0/1 10`,
    );
  });

  it('of nothing does not happen', () => {
    const account = rolling(30);
    account.when(at('2026-01-20', usage('u1', 100, '2026-01-20')));
    expect(account.when(at('2026-02-01', settleNow))).toEqual([
      '~ granted 100 included sub/credits/allowance/0/1 from 2026-02-01 until 2026-03-01',
    ]);
  });

  it('leaves late usage where it would have been: the rest first, then what has moved, then other grants', () => {
    const account = rolling(30);
    account.when(at('2026-01-15', promotion('P', 50, { expiresAt: '2026-02-15' })));
    account.when(at('2026-02-01', settleNow));
    expect(
      account.when(
        at('2026-02-01T00:30:00Z', usage('u1', 75, '2026-01-31T23:50:00Z')),
        at('2026-02-01T00:30:00Z', usage('u2', 10, '2026-01-31T23:55:00Z')),
        at('2026-02-01T00:30:00Z', usage('u3', 10, '2026-01-31T23:58:00Z')),
        at('2026-02-01T00:30:00Z', usage('u4', 5, '2026-02-01')),
        at('2026-02-01T00:30:00Z', usage('u5', 20, '2026-01-31T23:59:00Z')),
      ),
    ).toEqual([
      `debited 75: ${first} 70 + ${first}/rollover 5`,
      `debited 10: ${first}/rollover 10`,
      `debited 10: ${first}/rollover 10`,
      'debited 5: promotion/P 5',
      `debited 20: ${first}/rollover 5 + promotion/P 15`,
    ]);
  });

  it('of two subscriptions leaves late usage in the order in which both stood before', () => {
    const account = rolling(30);
    account.when(at('2026-01-01', start({ subscriptionId: 'other' })), at('2026-02-01', settleNow));
    expect(account.when(at('2026-02-01T00:30:00Z', usage('u1', 200, '2026-01-31T23:50:00Z'))).at(-1)).toBe(
      'debited 200: other/credits/allowance/0/0 70 + other/credits/allowance/0/0/rollover 30 + ' +
        `${first} 70 + ${first}/rollover 30`,
    );
  });

  it('still happens when the plan changes at the end of the period', () => {
    const account = given(
      plans(planOf(allowance(100, 'month', 1, { periods: 1 })), planOf(allowance(7))),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-10', change(2, 'periodEnd')),
    );
    expect(account.when(at('2026-02-01', settleNow))).toEqual([
      `~ rolled over 100 of ${first} at 2026-02-01 until 2026-03-01`,
      '~ granted 7 included sub/credits/allowance/1/0 from 2026-02-01 until 2026-03-01',
    ]);
  });

  it('reaches no further than the subscription, and happens no more at its end', () => {
    const account = given(
      besidePacks(1, 3),
      at('2026-01-01', start()),
      at('2026-01-01', cancel('periodEnd')),
    );
    expect(account.when(at('2026-01-05', settleNow))).toEqual([
      `~ rolled over 100 of ${first} at 2026-01-02 until 2026-01-04`,
      '~ granted 100 included sub/credits/allowance/0/1 from 2026-01-02 until 2026-01-03',
      '~ rolled over 100 of sub/credits/allowance/0/1 at 2026-01-03 until 2026-01-04',
      '~ granted 100 included sub/credits/allowance/0/2 from 2026-01-03 until 2026-01-04',
      `~ expired 100 of ${first}/rollover at 2026-01-04`,
      '~ expired 100 of sub/credits/allowance/0/1/rollover at 2026-01-04',
      '~ expired 100 of sub/credits/allowance/0/2 at 2026-01-04',
    ]);
  });

  it('does not happen to a period that the end of the subscription cuts short', () => {
    const account = given(
      besidePacks(2, 3),
      at('2026-01-01', start()),
      at('2026-01-01', cancel('periodEnd')),
    );
    expect(account.when(at('2026-01-06', settleNow)).slice(-2)).toEqual([
      `~ expired 100 of ${first}/rollover at 2026-01-04`,
      '~ expired 100 of sub/credits/allowance/0/1 at 2026-01-04',
    ]);
  });

  it('happens to a period that ends where a change that is waiting takes effect', () => {
    const account = given(
      besidePacks(1, 2),
      at('2026-01-01', start()),
      at('2026-01-01', change(1, 'periodEnd')),
    );
    expect(account.when(at('2026-01-03', settleNow))).toContain(
      '~ rolled over 100 of sub/credits/allowance/0/1 at 2026-01-03 until 2026-01-13',
    );
  });

  it('does not happen when the subscription ends with the period', () => {
    const account = rolling(30);
    account.when(at('2026-01-10', cancel('periodEnd')));
    expect(account.when(at('2026-02-01', settleNow), at('2026-02-01T01:00:00Z', settleNow))).toEqual([
      `~ expired 100 of ${first} at 2026-02-01`,
    ]);
  });

  it('takes along what a hold gives back that times out at the very end of the period', () => {
    const account = rolling(null);
    account.when(at('2026-01-20', hold('h', 40, '2026-02-01')));
    expect(account.when(at('2026-02-01', settleNow), at('2026-02-01T02:00:00Z', settleNow))).toEqual([
      `~ timed out h at 2026-02-01: ${first} 40`,
      `~ rolled over 100 of ${first} at 2026-02-01 until 2026-03-01`,
      '~ granted 100 included sub/credits/allowance/0/1 from 2026-02-01 until 2026-03-01',
    ]);
  });

  it('takes nothing along that comes back after the period’s end: that expires', () => {
    const account = rolling(null);
    account.when(
      at('2026-01-20', usage('u1', 40, '2026-01-20')),
      at('2026-01-21', hold('h', 60, '2026-03-01')),
    );
    expect(account.when(at('2026-02-02', release('h')), at('2026-02-02', reverse('u1')))).toEqual([
      '~ granted 100 included sub/credits/allowance/0/1 from 2026-02-01 until 2026-03-01',
      `released h at 2026-02-02: ${first} 60`,
      `expired 60 of ${first} at 2026-02-01`,
      `reversed 40: ${first} 40`,
      `expired 40 of ${first} at 2026-02-01`,
    ]);
  });

  it.each([
    ['released at the very end of the period', '2026-02-10', [at('2026-02-01', release('h'))]],
    ['captured in part at the very end of the period', '2026-02-10', [at('2026-02-01', capture('h', 0))]],
    ['timed out after the end of the period', '2026-02-02', []],
  ])('takes nothing along of a hold that is %s', (_, timesOutAt, steps) => {
    const account = rolling(null);
    account.when(at('2026-01-20', hold('h', 100, timesOutAt)), ...steps);
    account.when(at('2026-02-03', settleNow));
    expect(account.account.grants().get(first)).toMatchObject({
      rolledOver: amount(0),
      expired: amount(100),
    });
  });
});
