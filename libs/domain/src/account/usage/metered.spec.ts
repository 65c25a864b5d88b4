import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { amount, catalogOf, costs, planOf, plans, prepaid } from '../testing/catalogs.js';
import { promotion, start, usage } from '../testing/commands.js';

const day = '2026-01-02';
const now = (id: string, quantity: string | number, feature = 'call') =>
  at(day, usage(id, quantity, day, { feature }));

describe('metered usage', () => {
  it('is never dropped: what no grant pays is uncovered, blocked or billable as the plan says', () => {
    const blocking = given(prepaid, at(day, start()), at(day, promotion('A', 6)));
    expect(blocking.when(now('u1', 10), now('u2', 3))).toEqual([
      'debited 10: promotion/A 6, uncovered 4',
      'uncovered 4 blocked',
      'uncovered 3 blocked',
    ]);
    expect(blocking.account.wallet().uncovered).toEqual({
      total: amount(7),
      blocked: amount(7),
      billable: amount(0),
    });
    const billing = given(plans(planOf({ onEmpty: 'payAsYouGo' })), at(day, start()));
    expect(billing.when(now('u1', 10))).toEqual(['uncovered 10 billable']);
    expect(billing.account.wallet().uncovered.billable).toEqual(amount(10));
  });

  it('never makes a balance negative', () => {
    const account = given(prepaid, at(day, start()), at(day, promotion('A', 6)));
    account.when(now('u1', 1000));
    expect(account.availableAt(day)).toBe('0');
  });

  it('that costs nothing is recorded all the same, so that its id is remembered', () => {
    const account = given(
      plans(planOf({}, { features: [costs('call', 1), costs('free', 0)] })),
      at(day, start()),
    );
    expect(account.when(now('u1', 0), now('u2', 7, 'free'), now('u1', 0), now('u2', 8, 'free'))).toEqual([
      'debited 0: nothing',
      'debited 0: nothing',
      'duplicate of revision 1',
      'rejected: IDEMPOTENCY_KEY_REUSED',
    ]);
  });

  it('is rounded once, half to even, to the credit system’s scale', () => {
    const catalog = catalogOf([{ key: 'credits', scale: 2 }], {
      plan: [planOf({}, { features: [costs('call', '0.005')] })],
    });
    const account = given(catalog, at(day, start()), at(day, promotion('A', 10)));
    expect(account.when(now('u1', 1), now('u2', 3), now('u3', '2.2'))).toEqual([
      'debited 0: nothing',
      'debited 0.02: promotion/A 0.02',
      'debited 0.01: promotion/A 0.01',
    ]);
  });

  it('of a feature that no plan has paid with credits is nothing to record', () => {
    const account = given(
      plans(planOf({}, { features: [costs('call', 1), { ...costs('seat', 1), prepaid: false }] })),
      at(day, start()),
    );
    expect(account.when(now('u1', 1, 'unknown'), now('u2', 1, 'seat'))).toEqual([
      'not credit metered: unknown',
      'not credit metered: seat',
    ]);
    expect(account.account.events).toHaveLength(1);
  });

  it('of an unknown customer is refused', () => {
    expect(given(prepaid).when(now('u1', 1))).toEqual(['rejected: CUSTOMER_UNKNOWN']);
  });

  it('is not negative', () => {
    const account = given(prepaid, at(day, start()));
    expect(account.when(now('u1', '-0.1'))).toEqual(['rejected: COMMAND_MALFORMED quantity']);
  });

  it('beyond all amounts is refused, and not a crash', () => {
    const account = given(plans(planOf({}, { features: [costs('call', 1000)] })), at(day, start()));
    expect(account.when(now('u1', '999999999999999999'))).toEqual(['rejected: COMMAND_MALFORMED quantity']);
  });

  it('that adds up beyond all amounts is refused from there on, and not a crash', () => {
    const account = given(plans(planOf({}, { features: [costs('call', 1)] })), at(day, start()));
    expect(account.when(now('u1', '999999999999999999'))).toHaveLength(1);
    expect(account.when(now('u2', '999999999999999999'))).toEqual(['rejected: COMMAND_MALFORMED quantity']);
    expect(account.when(now('u3', '0.5'))).toHaveLength(1);
  });

  it('says everything a replay needs', () => {
    const account = given(prepaid, at('2026-01-01', start()), at('2026-01-01', promotion('A', 6)));
    const command = { ...usage('u1', 10, day), dimensions: { model: 'xl' } };
    account.when(at('2026-01-02T00:10:00Z', command));
    const cause = { kind: 'usage', source: 'gateway', id: 'u1', fingerprint: command.fingerprint };
    const balance = { included: amount(0), purchased: amount(0), promotional: amount(0), held: amount(0) };
    const priced = {
      feature: 'call',
      quantity: amount(10),
      dimensions: { model: 'xl' },
      mode: 'metered',
      subscriptionId: 'sub',
      plan: { id: 'plan', version: 1 },
      creditCost: amount(1),
      amount: amount(10),
      placedAt: '2026-01-02T00:00:00.000Z',
    };
    const fact = {
      cause,
      occurredAt: '2026-01-02T00:00:00.000Z',
      recordedAt: '2026-01-02T00:10:00.000Z',
      creditSystem: 'credits',
      balance,
      usage: priced,
      uncovered: amount(4),
    };
    expect(account.account.events.slice(-2)).toEqual([
      {
        type: 'CreditsDebited',
        ...fact,
        draws: [{ grantId: 'promotion/A', source: 'promotional', amount: amount(6) }],
      },
      { type: 'UsageUncovered', ...fact, disposition: 'blocked' },
    ]);
  });
});
