import { describe, expect, it } from '@jest/globals';
import { plusMs } from '../../time/index.js';
import { at, given } from '../testing/given.js';
import {
  allowance,
  amount,
  catalogOf,
  costs,
  perUnit,
  planOf,
  plans,
  prepaid,
  sells,
} from '../testing/catalogs.js';
import { cancel, change, promotion, reverse, settleNow, start, usage } from '../testing/commands.js';
import { moment } from '../testing/test-account.js';

const monthly = (credits: number) => planOf(allowance(credits));
const twoVersions = plans(monthly(100), monthly(300));

describe('starting a subscription', () => {
  it('opens the account and grants the first allowance in the same decision', () => {
    expect(given(twoVersions).when(at('2026-01-01', start({ planVersion: 1 })))).toEqual([
      'started sub on plan 1 from 2026-01-01',
      'granted 100 included sub/credits/allowance/0/0 from 2026-01-01 until 2026-02-01',
    ]);
  });

  it('takes the latest version, unless one is named, and is pinned to it', () => {
    expect(given(twoVersions).when(at('2026-01-01', start()))[0]).toBe(
      'started sub on plan 2 from 2026-01-01',
    );
  });

  it('in the past grants what it missed, period by period', () => {
    expect(
      given(twoVersions).when(at('2026-03-10', start({ planVersion: 1, startsAt: '2026-01-05' }))),
    ).toEqual([
      'started sub on plan 1 from 2026-01-05',
      'granted 100 included sub/credits/allowance/0/0 from 2026-01-05 until 2026-02-05',
      'expired 100 of sub/credits/allowance/0/0 at 2026-02-05',
      'granted 100 included sub/credits/allowance/0/1 from 2026-02-05 until 2026-03-05',
      'expired 100 of sub/credits/allowance/0/1 at 2026-03-05',
      'granted 100 included sub/credits/allowance/0/2 from 2026-03-05 until 2026-04-05',
    ]);
  });

  it('further back than one decision can grant is refused', () => {
    const account = given(plans(planOf(allowance(1, 'hour'))));
    const missing = (hours: number) =>
      at('2026-01-01', start({ startsAt: plusMs(moment('2026-01-01'), -hours * 3_600_000) }));
    expect(account.when(missing(1001))).toEqual(['rejected: COMMAND_MALFORMED startsAt']);
    const decision = account.decision(missing(1000));
    expect(
      decision.kind === 'decided' && decision.events.filter(({ type }) => type === 'CreditsGranted'),
    ).toHaveLength(1000 + 1);
  });

  it('further back is refused by what all its allowances and packs have missed, and names how much that is', () => {
    const packs = {
      quantity: amount(5),
      billingInterval: { unit: 'hour', count: 1 },
      schedule: perUnit(1),
    } as const;
    const both = { ...allowance(1, 'hour'), priced: { recurring: packs } };
    const startsAt = '2025-12-10';
    const alone = given(plans(planOf(allowance(1, 'hour'))));
    expect(alone.when(at('2026-01-01', start({ startsAt })))[0]).toBe(
      'started sub on plan 1 from 2025-12-10',
    );
    expect(given(plans(planOf(both))).decision(at('2026-01-01', start({ startsAt })))).toMatchObject({
      reason: 'COMMAND_MALFORMED',
      faults: [{ path: 'startsAt', message: expect.stringContaining(`lies ${2 * 22 * 24} periods back`) }],
    });
  });

  it('in the future grants nothing before it is due', () => {
    expect(
      given(twoVersions).when(
        at('2026-01-01', start({ planVersion: 1, startsAt: '2026-01-05' })),
        at('2026-01-04', usage('u1', 1, '2026-01-04')),
        at('2026-01-05', settleNow),
      ),
    ).toEqual([
      'started sub on plan 1 from 2026-01-05',
      'not credit metered: call',
      '~ granted 100 included sub/credits/allowance/0/0 from 2026-01-05 until 2026-02-05',
    ]);
  });

  it('needs a published plan and an id of its own', () => {
    const account = given(twoVersions, at('2026-01-01', start()));
    expect(
      account.when(
        at('2026-01-02', start({ subscriptionId: 'b', planId: 'none' })),
        at('2026-01-02', start({ subscriptionId: 'c', planVersion: 3 })),
        at('2026-01-02', start({}, 'again')),
      ),
    ).toEqual(['rejected: PLAN_UNKNOWN', 'rejected: PLAN_UNKNOWN', 'rejected: SUBSCRIPTION_EXISTS']);
  });
});

describe('changing the plan now', () => {
  it('ends what is left of the old allowance, says so, and starts the periods anew', () => {
    const account = given(twoVersions, at('2026-01-01', start({ planVersion: 1 })));
    expect(account.when(at('2026-01-10', change(2, 'now')), at('2026-02-10', settleNow))).toEqual([
      'changed sub from 1 to 2 at 2026-01-10, ending sub/credits/allowance/0/0',
      'granted 300 included sub/credits/allowance/1/0 from 2026-01-10 until 2026-02-10',
      '~ expired 100 of sub/credits/allowance/0/0 at 2026-01-10',
      '~ granted 300 included sub/credits/allowance/1/1 from 2026-02-10 until 2026-03-10',
    ]);
  });

  it('leaves what was given or rolled over', () => {
    const rolling = planOf(allowance(100, 'month', 1, { periods: 3 }));
    const account = given(
      plans(rolling, monthly(300)),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-01', promotion('P', 7)),
    );
    account.when(at('2026-02-10', change(2, 'now')));
    expect(account.account.wallet()).toMatchObject({ included: amount(400), promotional: amount(7) });
  });

  it('of a subscription that has not started yet applies from its start', () => {
    const account = given(
      twoVersions,
      at('2026-01-01', start({ planVersion: 1, startsAt: '2026-01-05' })),
      at('2026-01-02', change(2, 'now')),
    );
    expect(account.when(at('2026-01-05', settleNow))).toEqual([
      '~ granted 300 included sub/credits/allowance/1/0 from 2026-01-05 until 2026-02-05',
    ]);
  });

  it('takes the place of a change that was still waiting', () => {
    const priced = (creditCost: number) => planOf(allowance(100), { features: [costs('call', creditCost)] });
    const account = given(
      plans(priced(1), priced(2), priced(3)),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-10', change(2, 'periodEnd')),
      at('2026-01-11', change(3, 'now')),
    );
    expect(account.when(at('2026-02-02', usage('u1', 10, '2026-02-02')))).toEqual([
      '~ expired 100 of sub/credits/allowance/0/0 at 2026-01-11',
      'debited 30: sub/credits/allowance/2/0 30',
    ]);
  });

  it('and back within the same moment grants under names of their own', () => {
    const account = given(twoVersions, at('2026-01-01', start({ planVersion: 1 })));
    expect(account.when(at('2026-01-01', change(2, 'now')), at('2026-01-01', change(1, 'now')))).toEqual([
      'changed sub from 1 to 2 at 2026-01-01, ending sub/credits/allowance/0/0',
      'granted 300 included sub/credits/allowance/1/0 from 2026-01-01 until 2026-02-01',
      'changed sub from 2 to 1 at 2026-01-01, ending sub/credits/allowance/1/0',
      'granted 100 included sub/credits/allowance/2/0 from 2026-01-01 until 2026-02-01',
    ]);
    expect(account.availableAt('2026-01-01')).toBe('100');
  });
});

describe('changing the plan at the period’s end', () => {
  it('is recorded at once and applies from then', () => {
    const account = given(twoVersions, at('2026-01-01', start({ planVersion: 1 })));
    expect(
      account.when(
        at('2026-01-10', change(2, 'periodEnd')),
        at('2026-01-20', usage('u1', 30, '2026-01-20')),
        at('2026-02-01', settleNow),
        at('2026-03-01', settleNow),
      ),
    ).toEqual([
      'changed sub from 1 to 2 at 2026-02-01',
      'debited 30: sub/credits/allowance/0/0 30',
      '~ granted 300 included sub/credits/allowance/1/0 from 2026-02-01 until 2026-03-01',
      '~ expired 70 of sub/credits/allowance/0/0 at 2026-02-01',
      '~ granted 300 included sub/credits/allowance/1/1 from 2026-03-01 until 2026-04-01',
    ]);
  });

  it('waits for the period that ends last, while the shorter ones go on', () => {
    const plan = {
      credits: [
        { creditSystem: 'daily', ...allowance(1, 'week') },
        { creditSystem: 'credits', ...allowance(100, 'month') },
      ],
    };
    const account = given(
      catalogOf([{ key: 'credits' }, { key: 'daily' }], { plan: [plan, monthly(300)] }),
      at('2026-01-01', start({ planVersion: 1 })),
    );
    expect(account.when(at('2026-01-20', change(2, 'periodEnd'))).at(-1)).toBe(
      'changed sub from 1 to 2 at 2026-02-01',
    );
    account.when(at('2026-02-01', settleNow));
    // The week that began on 29 January is cut short: its terms end on 1 February.
    expect(account.account.grants('daily').get('sub/daily/allowance/0/4')).toMatchObject({
      effectiveAt: '2026-01-29T00:00:00.000Z',
      expiresAt: '2026-02-01T00:00:00.000Z',
    });
    expect(account.account.state.subscriptions[0]?.schedules).toHaveLength(1);
  });

  it('ends every period that ends then: each is followed by one of the new plan, and only by that', () => {
    const sideBySide = planOf({
      ...allowance(1, 'day'),
      priced: {
        recurring: {
          quantity: amount(5),
          billingInterval: { unit: 'day', count: 2 },
          schedule: perUnit(1),
        },
      },
    });
    const account = given(
      plans(sideBySide, monthly(300)),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-01', change(2, 'periodEnd')),
    );
    expect(account.when(at('2026-01-04', settleNow))).toEqual([
      '~ expired 1 of sub/credits/allowance/0/0 at 2026-01-02',
      '~ granted 1 included sub/credits/allowance/0/1 from 2026-01-02 until 2026-01-03',
      '~ expired 1 of sub/credits/allowance/0/1 at 2026-01-03',
      '~ granted 300 included sub/credits/allowance/1/0 from 2026-01-03 until 2026-02-03',
    ]);
  });

  it('replaces a change that is still waiting', () => {
    const account = given(
      plans(monthly(100), monthly(300), monthly(500)),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-10', change(2, 'periodEnd')),
      at('2026-01-11', change(3, 'periodEnd')),
    );
    expect(account.when(at('2026-02-01', settleNow))).toEqual([
      '~ granted 500 included sub/credits/allowance/2/0 from 2026-02-01 until 2026-03-01',
    ]);
  });
});

describe('what waits for the period’s end while a change waits for it', () => {
  const untilNothing = () =>
    given(
      plans(monthly(100), planOf(sells), monthly(50)),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-10', change(2, 'periodEnd')),
    );

  it('waits for the same end, also when the new plan renews nothing: a cancellation', () => {
    expect(untilNothing().when(at('2026-01-11', cancel('periodEnd')))).toEqual([
      'cancelled sub at 2026-02-01',
    ]);
  });

  it('and another change', () => {
    expect(untilNothing().when(at('2026-01-11', change(3, 'periodEnd')))).toEqual([
      'changed sub from 1 to 3 at 2026-02-01',
    ]);
  });
});

describe('cancelling', () => {
  it('now ends the included credits at this instant, and late usage from before still finds them', () => {
    const account = given(
      twoVersions,
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-01', promotion('P', 7)),
    );
    expect(
      account.when(
        at('2026-01-10', cancel('now')),
        at('2026-01-10T00:10:00Z', usage('before', 10, '2026-01-09T23:50:00Z')),
        at('2026-01-10T00:20:00Z', usage('after', 10, '2026-01-10T00:15:00Z')),
        at('2026-03-01', settleNow),
      ),
    ).toEqual([
      'cancelled sub at 2026-01-10, ending sub/credits/allowance/0/0',
      'debited 10: sub/credits/allowance/0/0 10',
      'not credit metered: call',
      '~ expired 90 of sub/credits/allowance/0/0 at 2026-01-10',
    ]);
    expect(account.availableAt('2026-03-01')).toBe('7');
  });

  it('at the period’s end renews nothing any more, and can still be made now', () => {
    const account = given(
      twoVersions,
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-10', cancel('periodEnd')),
    );
    expect(
      account.when(
        at('2026-01-11', cancel('periodEnd', 'sub', 'again')),
        at('2026-01-11', change(2, 'now')),
        at('2026-01-12', cancel('now')),
        at('2026-01-13', cancel('now', 'sub', 'once more')),
        at('2026-03-01', settleNow),
      ),
    ).toEqual([
      'rejected: SUBSCRIPTION_CANCELLED',
      'rejected: SUBSCRIPTION_CANCELLED',
      'cancelled sub at 2026-01-12, ending sub/credits/allowance/0/0',
      'rejected: SUBSCRIPTION_CANCELLED',
      '~ expired 100 of sub/credits/allowance/0/0 at 2026-01-12',
    ]);
  });

  it.each([
    [2, 'the last of them ends with the subscription', '2026-01-03'],
    [3, 'the last of them is cut short', '2026-01-04'],
  ])(
    'at the end of a pack’s %d days lets the daily allowances go on until then, and no longer',
    (count, _, end) => {
      const account = given(
        plans(
          planOf({
            ...allowance(1, 'day', count - 1),
            priced: {
              recurring: {
                quantity: amount(5),
                billingInterval: { unit: 'day', count },
                schedule: perUnit(1),
              },
            },
          }),
        ),
        at('2026-01-01', start()),
        at('2026-01-01', cancel('periodEnd')),
      );
      const next = `2026-01-0${count}`;
      expect(account.when(at('2026-02-01', settleNow))).toEqual([
        `~ expired 1 of sub/credits/allowance/0/0 at ${next}`,
        `~ granted 1 included sub/credits/allowance/0/1 from ${next} until ${end}`,
        `~ expired 1 of sub/credits/allowance/0/1 at ${end}`,
      ]);
    },
  );

  it('of a subscription that has not started means that it never does', () => {
    const account = given(
      twoVersions,
      at('2026-01-01', start({ startsAt: '2026-01-05' })),
      at('2026-01-02', cancel('now')),
    );
    expect(account.when(at('2026-02-01', settleNow))).toEqual([]);
  });

  it('ends rolled over credits as well', () => {
    const account = given(
      plans(planOf(allowance(100, 'month', 1, { periods: 3 }))),
      at('2026-01-01', start()),
      at('2026-02-10', settleNow),
      at('2026-02-10', cancel('now')),
    );
    expect(account.availableAt('2026-02-10')).toBe('0');
  });

  const rolled = 'sub/credits/allowance/0/0/rollover';
  /** Credits rolled over, beside a promotion that ends later; the subscription is cancelled at the period's end. */
  const givenRolledOver = (...then: readonly ReturnType<typeof at>[]) =>
    given(
      plans(planOf(allowance(100, 'month', 1, { periods: 3 }))),
      at('2026-01-01', start()),
      at('2026-02-01', settleNow),
      at('2026-02-02', promotion('P', 200, { expiresAt: '2026-04-01' })),
      at('2026-02-02', usage('the allowance', 100, '2026-02-02')),
      at('2026-02-03', cancel('periodEnd')),
      ...then,
    );

  it('has credits that end sooner now burn sooner, and leaves usage from before it where it would have been', () => {
    const account = givenRolledOver();
    expect(
      account.when(
        at('2026-02-03T00:30:00Z', usage('before', 30, '2026-02-02T23:50:00Z')),
        at('2026-02-03T00:30:00Z', usage('after', 30, '2026-02-03T00:20:00Z')),
        at('2026-03-01T02:00:00Z', settleNow),
      ),
    ).toEqual([
      'debited 30: promotion/P 30',
      `debited 30: ${rolled} 30`,
      `~ expired 70 of ${rolled} at 2026-03-01`,
    ]);
  });

  it('twice leaves usage from before each of them where it would have been then', () => {
    const account = givenRolledOver(at('2026-02-03T00:20:00Z', cancel('now')));
    const late = '2026-02-03T00:30:00Z';
    expect(
      account.when(
        at(late, usage('between', 10, '2026-02-03T00:10:00Z')),
        at(late, usage('at the first', 10, '2026-02-03')),
        at(late, usage('before both', 10, '2026-02-02T23:50:00Z')),
      ),
    ).toEqual([`debited 10: ${rolled} 10`, `debited 10: ${rolled} 10`, 'debited 10: promotion/P 10']);
  });

  it('ends credits that a reversal brings back later: they belonged to what was cancelled', () => {
    const account = given(
      twoVersions,
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-05', usage('all', 100, '2026-01-05')),
      at('2026-01-10', cancel('now')),
    );
    expect(account.when(at('2026-01-12', reverse('all')))).toEqual([
      'reversed 100: sub/credits/allowance/0/0 100',
      'expired 100 of sub/credits/allowance/0/0 at 2026-01-10',
    ]);
  });

  it('needs a subscription that is there', () => {
    const account = given(twoVersions, at('2026-01-01', start()));
    expect(
      account.when(
        at('2026-01-01', cancel('now', 'other')),
        at('2026-01-01', change(1, 'now', { subscriptionId: 'other' })),
      ),
    ).toEqual(['rejected: SUBSCRIPTION_UNKNOWN', 'rejected: SUBSCRIPTION_UNKNOWN']);
    expect(given(prepaid).when(at('2026-01-01', cancel('now')))).toEqual(['rejected: CUSTOMER_UNKNOWN']);
  });
});

describe('several subscriptions of one customer', () => {
  const catalog = catalogOf([{ key: 'credits' }], {
    basic: [planOf(allowance(10), { features: [costs('call', 1)] })],
    extra: [planOf(allowance(20), { features: [costs('call', 2), costs('scan', 5)] })],
  });
  const both = () =>
    given(
      catalog,
      at('2026-01-01', start({ subscriptionId: 'b', planId: 'basic' })),
      at('2026-01-10', start({ subscriptionId: 'x', planId: 'extra' })),
    );

  it('keep their own periods', () => {
    expect(both().when(at('2026-02-10', settleNow))).toEqual([
      '~ expired 10 of b/credits/allowance/0/0 at 2026-02-01',
      '~ granted 10 included b/credits/allowance/0/1 from 2026-02-01 until 2026-03-01',
      '~ granted 20 included x/credits/allowance/0/1 from 2026-02-10 until 2026-03-10',
    ]);
  });

  it('price a feature by the one that started first, and burn by the one order', () => {
    expect(
      both().when(
        at('2026-01-15', usage('u1', 12, '2026-01-15')),
        at('2026-01-15', usage('u2', 1, '2026-01-15', { feature: 'scan' })),
      ),
    ).toEqual([
      'debited 12: b/credits/allowance/0/0 10 + x/credits/allowance/0/0 2',
      'debited 5: x/credits/allowance/0/0 5',
    ]);
  });

  it('and by the other one once the first has ended', () => {
    const account = both();
    account.when(at('2026-01-16', cancel('now', 'b')));
    expect(account.when(at('2026-01-17', usage('u1', 2, '2026-01-17')))).toEqual([
      '~ expired 10 of b/credits/allowance/0/0 at 2026-01-16',
      'debited 4: x/credits/allowance/0/0 4',
    ]);
  });

  it('that started at the same moment price in the order of their names', () => {
    const account = given(
      catalog,
      at('2026-01-10', start({ subscriptionId: 'x', planId: 'extra' })),
      at('2026-01-10', start({ subscriptionId: 'b', planId: 'basic' })),
    );
    expect(account.when(at('2026-01-15', usage('u1', 4, '2026-01-15')))).toEqual([
      'debited 4: b/credits/allowance/0/0 4',
    ]);
  });

  it('price in the order in which they started, not in which they were told of', () => {
    const account = given(
      catalog,
      at('2026-01-10', start({ subscriptionId: 'b', planId: 'basic' })),
      at('2026-01-10', start({ subscriptionId: 'x', planId: 'extra', startsAt: '2026-01-09' })),
    );
    expect(account.when(at('2026-01-15', usage('u1', 4, '2026-01-15')))).toEqual([
      'debited 8: x/credits/allowance/0/0 8',
    ]);
  });
});
