import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { allowance, amount, perUnit, planOf, plans, sells } from '../testing/catalogs.js';
import {
  autoTopUp,
  cancel,
  change,
  notPaid,
  paid,
  promotion,
  purchase,
  settleNow,
  start,
  usage,
} from '../testing/commands.js';

const day = '2026-01-01';
const selling = (limits = {}) =>
  given(plans(planOf({ ...sells, ...limits })), at(day, start()), at(day, purchase('P', 100)));
const request = (number: number) => `auto-top-up/credits/${number}`;

describe('auto top-up', () => {
  it('asks for what fills the wallet to its target when it falls below the threshold, one at a time', () => {
    const account = selling();
    expect(
      account.when(
        at(day, autoTopUp(20, 100)),
        at(day, usage('u1', 80, day)),
        at(day, usage('u2', 1, day)),
        at(day, usage('u3', 9, day)),
      ),
    ).toEqual([
      'auto top-up on under sub',
      'debited 80: purchase/P 80',
      'debited 1: purchase/P 1',
      `asked for 81 as ${request(1)}`,
      'debited 9: purchase/P 9',
    ]);
    expect(account.account.events.find(({ type }) => type === 'AutoTopUpRequested')).toMatchObject({
      subscriptionId: 'sub',
      plan: { id: 'plan', version: 1 },
      price: { currency: 'EUR', total: '8.1' },
      cause: { kind: 'usage', id: 'u2' },
    });
  });

  it('grants what was asked for in one grant once it is paid, whatever the plan is by then', () => {
    const account = selling({ expiresAfter: 'P1M' });
    account.when(at(day, autoTopUp(20, 100)), at(day, usage('u1', 90, day)));
    expect(
      account.when(at('2026-01-02', paid(request(1))), at('2026-01-02', paid(request(1), 'again'))),
    ).toEqual([
      `granted 90 purchased ${request(1)} from 2026-01-02 until 2026-02-02`,
      'rejected: TOP_UP_UNKNOWN',
    ]);
    expect(account.account.events.at(-1)).toMatchObject({
      origin: {
        kind: 'topUp',
        automatic: true,
        paymentReference: `payment of ${request(1)}`,
        price: { total: '9' },
      },
    });
    expect(account.availableAt('2026-01-02')).toBe('100');
  });

  it('asks at once when it is configured below its threshold', () => {
    expect(selling().when(at(day, autoTopUp(150, 200)))).toEqual([
      'auto top-up on under sub',
      `asked for 100 as ${request(1)}`,
    ]);
  });

  it('asks when time alone takes credits away', () => {
    const account = selling();
    account.when(at(day, promotion('A', 50, { expiresAt: '2026-01-10' })), at(day, autoTopUp(120, 200)));
    expect(account.when(at('2026-01-10', settleNow))).toEqual([`~ asked for 100 as ${request(1)}`]);
  });

  it('stops after three payments that failed in a row, says why, and starts again when configured', () => {
    const account = selling();
    account.when(at(day, autoTopUp(20, 100)), at(day, usage('u1', 90, day)));
    expect(
      account.when(
        at(day, notPaid(request(1))),
        at(day, usage('u2', 1, day)),
        at(day, notPaid(request(2))),
        at(day, usage('u3', 1, day)),
        at(day, notPaid(request(3))),
        at(day, usage('u4', 1, day)),
        at(day, autoTopUp(20, 100, {}, 'once more')),
      ),
    ).toEqual([
      `payment of ${request(1)} failed (1): card declined`,
      'debited 1: purchase/P 1',
      `asked for 91 as ${request(2)}`,
      `payment of ${request(2)} failed (2): card declined`,
      'debited 1: purchase/P 1',
      `asked for 92 as ${request(3)}`,
      `payment of ${request(3)} failed (3): card declined`,
      'auto top-up stopped: 3 payments failed in a row, the last one because: card declined',
      'debited 1: purchase/P 1',
      'auto top-up on under sub',
      `asked for 93 as ${request(4)}`,
    ]);
  });

  it('counts failures in a row only', () => {
    const account = selling();
    account.when(at(day, autoTopUp(20, 100)), at(day, usage('u1', 90, day)));
    account.when(at(day, notPaid(request(1))), at(day, usage('u2', 1, day)), at(day, paid(request(2))));
    account.when(at(day, usage('u3', 90, day)));
    expect(account.when(at(day, notPaid(request(3))))).toEqual([
      `payment of ${request(3)} failed (1): card declined`,
    ]);
  });

  it('keeps to its caps per day and month (UTC), and asks again on the next day', () => {
    const account = selling();
    account.when(at(day, autoTopUp(20, 100, { dailyCap: 50, monthlyCap: 70 })));
    expect(
      account.when(
        at(day, usage('u1', 95, day)),
        at(day, paid(request(1))),
        at(day, usage('u2', 50, day)),
        at('2026-01-02', settleNow),
        at('2026-01-02', paid(request(2))),
        at('2026-01-03', usage('u3', 20, '2026-01-03')),
        at('2026-02-01', settleNow),
      ),
    ).toEqual([
      'debited 95: purchase/P 95',
      `asked for 50 as ${request(1)}`,
      `granted 50 purchased ${request(1)} from 2026-01-01 until ever`,
      `debited 50: ${request(1)} 50`,
      `~ asked for 20 as ${request(2)}`,
      `granted 20 purchased ${request(2)} from 2026-01-02 until ever`,
      `debited 20: purchase/P 5 + ${request(2)} 15`,
      `~ asked for 50 as ${request(3)}`,
    ]);
  });

  it.each([{ dailyCap: 150 }, { monthlyCap: 150 }])(
    'counts all that it asked for against its cap: %j',
    (cap) => {
      const account = selling();
      account.when(at(day, autoTopUp(20, 100, cap)));
      expect(
        account.when(
          at(day, usage('u1', 95, day)),
          at(day, paid(request(1))),
          at(day, usage('u2', 95, day)),
          at(day, paid(request(2))),
          at(day, usage('u3', 55, day)),
        ),
      ).toEqual([
        'debited 95: purchase/P 95',
        `asked for 95 as ${request(1)}`,
        `granted 95 purchased ${request(1)} from 2026-01-01 until ever`,
        `debited 95: ${request(1)} 95`,
        `asked for 55 as ${request(2)}`,
        `granted 55 purchased ${request(2)} from 2026-01-01 until ever`,
        `debited 55: ${request(2)} 55`,
      ]);
    },
  );

  it.each([{ dailyCap: 50 }, { monthlyCap: 50 }])(
    'does not count against its cap what was never paid: %j',
    (cap) => {
      const account = selling();
      account.when(at(day, autoTopUp(20, 100, cap)), at(day, usage('u1', 95, day)));
      account.when(at(day, notPaid(request(1))));
      expect(account.when(at(day, usage('u2', 1, day))).at(-1)).toBe(`asked for 50 as ${request(2)}`);
    },
  );

  it('has its caps no second time by being configured again', () => {
    const account = selling();
    account.when(at(day, autoTopUp(20, 100, { dailyCap: 50 })), at(day, usage('u1', 95, day)));
    account.when(at(day, paid(request(1))), at(day, autoTopUp(20, 100, { dailyCap: 50 }, 'again')));
    expect(account.when(at(day, usage('u2', 50, day)))).toEqual([`debited 50: ${request(1)} 50`]);
  });

  it('keeps to the plan’s limits per purchase', () => {
    const few = selling({ minQuantity: amount(95) });
    few.when(at(day, autoTopUp(20, 100)));
    expect(few.when(at(day, usage('u1', 90, day))).at(-1)).toBe(`asked for 95 as ${request(1)}`);
    const many = selling({ maxQuantity: amount(100) });
    many.when(at(day, autoTopUp(20, 300)));
    expect(many.when(at(day, usage('u1', 90, day))).at(-1)).toBe(`asked for 100 as ${request(1)}`);
    const capped = selling({ minQuantity: amount(95) });
    capped.when(at(day, autoTopUp(20, 100, { dailyCap: 94 })));
    expect(capped.when(at(day, usage('u1', 90, day)))).toEqual(['debited 90: purchase/P 90']);
  });

  it('asks for what is missing where the plan’s limits and the caps leave more room', () => {
    const account = selling({ minQuantity: amount(5), maxQuantity: amount(500) });
    account.when(at(day, autoTopUp(20, 100, { dailyCap: 400, monthlyCap: 600 })));
    expect(account.when(at(day, usage('u1', 90, day))).at(-1)).toBe(`asked for 90 as ${request(1)}`);
  });

  it('asks again at once when what was paid leaves the wallet below its threshold', () => {
    const account = selling({ maxQuantity: amount(100) });
    account.when(at(day, autoTopUp(150, 200)), at(day, usage('u1', 90, day)));
    expect(account.when(at(day, paid(request(1))))).toEqual([
      `granted 100 purchased ${request(1)} from 2026-01-01 until ever`,
      `asked for 90 as ${request(2)}`,
    ]);
  });

  it.each([promotion('A', 5), purchase('Q', 5)])(
    'still waits for its payment when credits come another way ($type)',
    (other) => {
      const account = selling();
      account.when(at(day, autoTopUp(20, 100)), at(day, usage('u1', 90, day)));
      account.when(at(day, other), at(day, usage('u2', 1, day)));
      expect(account.when(at(day, paid(request(1))))).toEqual([
        `granted 90 purchased ${request(1)} from 2026-01-01 until ever`,
      ]);
    },
  );

  it('says of a payment that failed without a reason that none was given', () => {
    const account = selling();
    account.when(at(day, autoTopUp(20, 100)), at(day, usage('u1', 90, day)));
    expect(account.when(at(day, notPaid(request(1), 'failed', null)))).toEqual([
      `payment of ${request(1)} failed (1): no reason was given`,
    ]);
  });

  it('stops when nobody sells the credits any more', () => {
    const account = selling();
    account.when(at(day, autoTopUp(20, 100)));
    expect(account.when(at(day, usage('u1', 90, day)), at(day, cancel('now')))).toEqual([
      'debited 90: purchase/P 90',
      `asked for 90 as ${request(1)}`,
      'cancelled sub at 2026-01-01',
    ]);
    expect(account.when(at(day, notPaid(request(1))), at('2026-01-02', settleNow))).toEqual([
      `payment of ${request(1)} failed (1): card declined`,
      '~ auto top-up stopped: subscription sub is not active',
    ]);
  });

  it('can be switched off, and what is in flight then is still granted', () => {
    const account = selling();
    account.when(at(day, autoTopUp(20, 100)), at(day, usage('u1', 90, day)));
    expect(
      account.when(
        at(day, autoTopUp(20, 100, { enabled: false }, 'off')),
        at(day, paid(request(1))),
        at(day, usage('u2', 95, day)),
      ),
    ).toEqual([
      'auto top-up off under sub',
      `granted 90 purchased ${request(1)} from 2026-01-01 until ever`,
      `debited 95: ${request(1)} 90 + purchase/P 5`,
    ]);
  });

  it('can be switched off when nobody sells the credits any more, and not on again', () => {
    const account = selling();
    account.when(at(day, autoTopUp(20, 100)), at(day, cancel('now')));
    expect(
      account.when(
        at(day, autoTopUp(20, 100, { enabled: false }, 'off')),
        at(day, autoTopUp(20, 100, { enabled: false, subscriptionId: 'sub' }, 'off, by name')),
        at(day, autoTopUp(20, 100, {}, 'on')),
      ),
    ).toEqual(['auto top-up off under sub', 'auto top-up off under sub', 'rejected: NO_SUBSCRIPTION']);
  });

  it('is not moved to a subscription that does not exist by being switched off', () => {
    const account = selling();
    account.when(at(day, autoTopUp(20, 100)));
    expect(
      account.when(at(day, autoTopUp(20, 100, { enabled: false, subscriptionId: 'none' }, 'off'))),
    ).toEqual(['rejected: SUBSCRIPTION_UNKNOWN']);
  });

  it('was bought under the subscription that asked for it, though another one asks by now', () => {
    const account = selling();
    account.when(
      at(day, start({ subscriptionId: 'other' })),
      at(day, autoTopUp(20, 100, { subscriptionId: 'sub' })),
      at(day, usage('u1', 90, day)),
      at(day, start({ subscriptionId: 'third' })),
      at(day, autoTopUp(20, 100, { subscriptionId: 'third' }, 'third')),
      at(day, autoTopUp(20, 100, { subscriptionId: 'other' }, 'other')),
      at(day, paid(request(1))),
    );
    expect(account.account.events.at(-1)).toMatchObject({
      type: 'CreditsGranted',
      origin: { kind: 'topUp', subscriptionId: 'sub', automatic: true },
    });
    account.when(at(day, usage('u2', 90, day)));
    account.when(at(day, paid(request(2))));
    expect(account.account.events.at(-1)).toMatchObject({ origin: { subscriptionId: 'other' } });
  });

  it('fills no wallet to more than is left to renewals: it stops, and a target above that is refused', () => {
    const account = selling({ priced: { topUp: perUnit('0.000001') } });
    expect(account.when(at(day, autoTopUp(20, '100000000000000001')))).toEqual([
      'rejected: COMMAND_MALFORMED terms.target',
    ]);
    account.when(
      at(day, promotion('upcoming', '90000000000000000', { effectiveAt: '2026-03-01' })),
      at(day, autoTopUp(20, '90000000000000000')),
    );
    expect(account.when(at(day, usage('u1', 90, day)))).toEqual([
      'debited 90: purchase/P 90',
      'auto top-up stopped: a top-up would bring the wallet to more than 100000000000000000 credits: 89999999999999990',
    ]);
  });

  it('of credits that cost more than can be counted is refused where it is set up', () => {
    const account = selling({ priced: { topUp: perUnit('1000') } });
    expect(account.when(at(day, autoTopUp(20, '10000000000000000')))).toEqual([
      'rejected: COMMAND_MALFORMED terms.target',
    ]);
  });

  it('stops when they have come to cost so much, and the usage is recorded all the same', () => {
    const dear = planOf({ ...allowance(100), priced: { topUp: perUnit('1000') } });
    const account = given(
      plans(planOf({ ...allowance(100), priced: { topUp: perUnit('0.1') } }), dear),
      at(day, start({ planVersion: 1 })),
      at(day, autoTopUp(20, '10000000000000000')),
      at(day, change(2, 'now')),
    );
    expect(account.when(at('2026-01-02', usage('u1', 90, '2026-01-02')))).toEqual([
      '~ expired 100 of sub/credits/allowance/0/0 at 2026-01-01',
      'debited 90: sub/credits/allowance/1/0 90',
      'auto top-up stopped: 9999999999999990 credits cost more than can be counted',
    ]);
  });

  it('stops when it has asked for more within a month than can be counted, and the usage is recorded all the same', () => {
    const much = '90000000000000000';
    const account = given(
      plans(planOf({ priced: { topUp: perUnit('0.1') } })),
      at(day, start()),
      at(day, purchase('P', much)),
      at(day, autoTopUp(1, much)),
    );
    for (let n = 1; n <= 11; n++) account.when(at(day, usage(`u${n}`, much, day)), at(day, paid(request(n))));
    expect(account.when(at(day, usage('u12', much, day)))).toEqual([
      `debited ${much}: ${request(11)} ${much}`,
      `auto top-up stopped: with ${much} more, the credits asked for within a month are more than can be counted`,
    ]);
    expect(account.when(at('2026-02-01', autoTopUp(1, much, {}, 'again')))).toEqual([
      'auto top-up on under sub',
      `asked for ${much} as ${request(12)}`,
    ]);
  });

  it('needs terms that make sense, credits that are sold, and a request that was made', () => {
    const account = selling();
    expect(
      account.when(
        at(day, autoTopUp(-1, -1, { dailyCap: 0, monthlyCap: 0 })),
        at(day, { ...autoTopUp(1, 2), creditSystem: 'none', key: 'b' }),
        at(day, paid('none')),
        at(day, autoTopUp(200, 300, {}, 'c')),
        at(day, { ...paid(request(1)), paymentReference: '', key: 'd' }),
      ),
    ).toEqual([
      'rejected: COMMAND_MALFORMED terms.threshold terms.target terms.dailyCap terms.monthlyCap',
      'rejected: CREDIT_SYSTEM_UNKNOWN',
      'rejected: TOP_UP_UNKNOWN',
      'auto top-up on under sub',
      `asked for 200 as ${request(1)}`,
      'rejected: COMMAND_MALFORMED paymentReference',
    ]);
    const unsold = given(plans(planOf({})), at(day, start()));
    expect(unsold.when(at(day, autoTopUp(1, 2)))).toEqual(['rejected: NOT_FOR_SALE']);
    const unknown = given(plans(planOf(sells)));
    expect(unknown.when(at(day, autoTopUp(1, 2)), at(day, paid('none')))).toEqual([
      'rejected: CUSTOMER_UNKNOWN',
      'rejected: CUSTOMER_UNKNOWN',
    ]);
  });
});
