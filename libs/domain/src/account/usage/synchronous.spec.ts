import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkAccess, type Access } from '../index.js';
import { at, given, type Given } from '../testing/given.js';
import { allowance, amount, catalogOf, costs, planOf, plans, prepaid, sells } from '../testing/catalogs.js';
import { ask, cancel, promotion, purchase, start, usage } from '../testing/commands.js';
import { anyHistory, everyKind, live } from '../testing/histories.js';
import { TestAccount } from '../testing/test-account.js';

const day = '2026-01-02';
const now = (id: string, quantity: string | number) => at(day, ask(id, quantity, day));

describe('synchronous use', () => {
  it('is all or nothing, and says what is there and what is missing', () => {
    const account = given(prepaid, at(day, start()), at(day, promotion('A', 6)));
    expect(account.when(now('u1', 10), now('u2', 6))).toEqual([
      'rejected: INSUFFICIENT_CREDITS available 6 required 10',
      'debited 6: promotion/A 6',
    ]);
  });

  it('counts as available only what may pay for this feature', () => {
    const account = given(prepaid, at(day, start()), at(day, promotion('A', 6, { features: ['image'] })));
    expect(account.when(now('u1', 1))).toEqual(['rejected: INSUFFICIENT_CREDITS available 0 required 1']);
  });

  it('that is refused appends nothing, not even the settlement before it', () => {
    const account = given(plans(planOf(allowance(5))), at('2026-01-01', start()));
    const before = account.account.events.length;
    expect(account.when(at('2026-03-01', ask('u1', 10, '2026-03-01')))).toEqual([
      'rejected: INSUFFICIENT_CREDITS available 5 required 10',
    ]);
    expect(account.account.events).toHaveLength(before);
    expect(account.when(at('2026-03-01', ask('u2', 5, '2026-03-01')))).toEqual([
      '~ expired 5 of sub/credits/allowance/0/0 at 2026-02-01',
      '~ granted 5 included sub/credits/allowance/0/1 from 2026-02-01 until 2026-03-01',
      '~ granted 5 included sub/credits/allowance/0/2 from 2026-03-01 until 2026-04-01',
      'debited 5: sub/credits/allowance/0/2 5',
    ]);
  });

  it('is refused by no timer that runs late: an allowance that is due is there', () => {
    const account = given(plans(planOf(allowance(5))), at('2026-01-01', start()));
    account.when(at('2026-01-02', usage('all', 5, '2026-01-02')));
    expect(account.when(at('2026-02-01', ask('u1', 5, '2026-02-01'))).at(-1)).toBe(
      'debited 5: sub/credits/allowance/0/1 5',
    );
  });

  it('under pay as you go is let through, and the rest is billable', () => {
    const account = given(
      plans(planOf({ onEmpty: 'payAsYouGo' })),
      at(day, start()),
      at(day, promotion('A', 6)),
    );
    expect(account.when(now('u1', 10))).toEqual([
      'debited 10: promotion/A 6, uncovered 4',
      'uncovered 4 billable',
    ]);
  });

  it('below a restricting limit is refused, metered usage is not', () => {
    const account = given(
      plans(planOf({ lowCreditLimit: { threshold: amount(5), action: 'restrict' } })),
      at(day, start()),
      at(day, promotion('A', 7)),
    );
    expect(account.when(now('u0', 2), now('u1', 1), now('u2', 1), at(day, usage('u3', 1, day)))).toEqual([
      'debited 2: promotion/A 2',
      'debited 1: promotion/A 1',
      'low: 4 below 5 at 2026-01-02',
      'rejected: BELOW_CREDIT_LIMIT available 4 threshold 5',
      'debited 1: promotion/A 1',
    ]);
  });

  it('is restricted by the limit that is told of, whichever subscription prices the feature', () => {
    const limit = { threshold: amount(50), action: 'restrict' } as const;
    const account = given(
      catalogOf([{ key: 'credits' }], {
        limited: [planOf({ lowCreditLimit: limit }, { features: [] })],
        priced: [planOf(allowance(60))],
      }),
      at(day, start({ subscriptionId: 'A', planId: 'limited' })),
      at(day, start({ subscriptionId: 'B', planId: 'priced' })),
    );
    expect(account.when(now('u1', 20), now('u2', 20))).toEqual([
      'debited 20: B/credits/allowance/0/0 20',
      'low: 40 below 50 at 2026-01-02',
      'rejected: BELOW_CREDIT_LIMIT available 40 threshold 50',
    ]);
  });

  it('needs a purchase where the plan says so, whatever was given before', () => {
    const account = given(
      plans(planOf({ ...sells, ...allowance(2), mandatoryPurchase: true })),
      at(day, start()),
      at(day, promotion('A', 7)),
    );
    expect(account.when(now('u1', 1), at(day, purchase('P', 5)), now('u2', 3))).toEqual([
      'rejected: PURCHASE_REQUIRED',
      'granted 5 purchased purchase/P from 2026-01-02 until ever',
      'debited 3: sub/credits/allowance/0/0 2 + promotion/A 1',
    ]);
  });

  it('needs a subscription', () => {
    const account = given(prepaid, at(day, promotion('A', 7)));
    expect(account.when(now('u1', 1))).toEqual(['rejected: NO_SUBSCRIPTION']);
    account.when(at(day, start()), at(day, cancel('now')));
    expect(account.when(now('u2', 1))).toEqual(['rejected: NO_SUBSCRIPTION']);
    account.when(at(day, start({ subscriptionId: 'next', startsAt: '2026-02-01' })));
    expect(account.when(now('u3', 1))).toEqual(['rejected: NO_SUBSCRIPTION']);
  });
});

describe('checking access', () => {
  const check = ({ account }: Given, quantity: string | number): Access =>
    checkAccess(account.state, 'call', amount(quantity), account.context);

  it('says what it would cost and what is there', () => {
    const account = given(prepaid, at(day, start()), at(day, promotion('A', 6)));
    expect(check(account, 4)).toEqual({
      kind: 'allowed',
      creditSystem: 'credits',
      required: amount(4),
      available: amount(6),
      uncovered: amount(0),
    });
    expect(check(account, 7)).toMatchObject({
      reason: 'INSUFFICIENT_CREDITS',
      numbers: { available: '6', required: '7' },
    });
  });

  it('of more than can be counted is refused, as the debit would be', () => {
    const account = given(plans(planOf({}, { features: [costs('call', 1000)] })), at(day, start()));
    expect(check(account, '999999999999999999')).toMatchObject({
      reason: 'COMMAND_MALFORMED',
      faults: [{ path: 'quantity' }],
    });
    expect(account.when(now('u1', '999999999999999999'))).toEqual(['rejected: COMMAND_MALFORMED quantity']);
  });

  it('gives the verdict that a synchronous debit would give', () => {
    fc.assert(
      fc.property(
        anyHistory,
        fc.integer({ min: 0, max: 5000 }),
        fc.constantFrom('call', 'train', 'unknown'),
        (history, hundredths, feature) => {
          const account = live(new TestAccount(everyKind, '2026-03-27T10:00:00Z'), history);
          const quantity = (hundredths / 100).toFixed(2);
          const access = checkAccess(account.state, feature, amount(quantity), account.context);
          const decision = account.decide(ask('asked', quantity, account.now, { feature }));
          if (decision.kind === 'decided') expect(access.kind).toBe('allowed');
          else expect(access).toEqual(decision);
        },
      ),
      { numRuns: 150 },
    );
  });
});
