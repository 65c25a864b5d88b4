import { describe, expect, it } from '@jest/globals';
import { checkAccess, decide } from '../index.js';
import { at, given } from '../testing/given.js';
import { allowance, amount, catalogOf, costs, planOf, plans, prepaid } from '../testing/catalogs.js';
import { ask, capture, change, hold, promotion, settleNow, start, usage } from '../testing/commands.js';
import { tellDecision } from '../testing/tell.js';
import { moment } from '../testing/test-account.js';

const expiring = () =>
  given(
    prepaid,
    at('2026-01-01', start()),
    at('2026-01-01', promotion('A', 50, { expiresAt: '2026-01-10T12:00:00Z' })),
    at('2026-01-01', promotion('B', 50)),
  );

describe('where usage is placed', () => {
  it('late usage draws on the credits of its own time', () => {
    expect(expiring().when(at('2026-01-10T12:30:00Z', usage('u', 10, '2026-01-10T11:59:59Z')))).toEqual([
      'debited 10: promotion/A 10',
    ]);
  });

  it('the instant of expiry is exclusive', () => {
    expect(
      expiring().when(
        at('2026-01-10T12:30:00Z', usage('u1', 1, '2026-01-10T12:00:00Z')),
        at('2026-01-10T12:30:00Z', usage('u2', 1, '2026-01-10T11:59:59.999Z')),
      ),
    ).toEqual(['debited 1: promotion/B 1', 'debited 1: promotion/A 1']);
  });

  it('synchronous use happens now, whatever time it claims', () => {
    expect(expiring().when(at('2026-01-10T12:30:00Z', ask('u', 10, '2026-01-10T11:00:00Z')))).toEqual([
      'debited 10: promotion/B 10',
    ]);
  });

  it('usage from before the horizon is placed at the horizon: what expired before it is gone', () => {
    const account = expiring();
    expect(account.when(at('2026-01-10T13:00:00Z', usage('u', 10, '2026-01-10T11:00:00Z')))).toEqual([
      '~ expired 50 of promotion/A at 2026-01-10T12:00:00Z',
      'debited 10: promotion/B 10',
    ]);
    const debit = account.account.events.at(-1);
    expect(debit).toMatchObject({
      occurredAt: moment('2026-01-10T11:00:00Z'),
      usage: { placedAt: moment('2026-01-10T12:00:00Z') },
    });
  });

  it('the horizon waits for the slowest usage partition', () => {
    const account = expiring();
    account.account.consumedThrough = moment('2026-01-10T12:10:00Z');
    expect(
      account.when(
        at('2026-01-17T12:00:00Z', settleNow),
        at('2026-01-17T12:00:00Z', usage('u', 10, '2026-01-10T11:30:00Z')),
      ),
    ).toEqual(['debited 10: promotion/A 10']);
    expect(account.account.wallet()).toMatchObject({ pendingExpiry: { units: 40n * 10n ** 12n } });
  });

  it('the grace is the credit system’s own', () => {
    const slow = catalogOf([{ key: 'credits', lateUsageGraceMs: 24 * 3_600_000 }], { plan: [planOf({})] });
    const account = given(
      slow,
      at('2026-01-01', start()),
      at('2026-01-01', promotion('A', 50, { expiresAt: '2026-01-10' })),
    );
    expect(
      account.when(
        at('2026-01-10T23:59:59Z', usage('u', 10, '2026-01-09T23:59:59.999Z')),
        at('2026-01-11', settleNow),
      ),
    ).toEqual(['debited 10: promotion/A 10', '~ expired 40 of promotion/A at 2026-01-10']);
  });

  it('a clock that is a little fast is placed at now; more than five minutes are refused', () => {
    const account = expiring();
    expect(
      account.when(
        at('2026-01-02', usage('fast', 1, '2026-01-02T00:05:00Z')),
        at('2026-01-02', usage('wrong', 1, '2026-01-02T00:05:00.001Z')),
      ),
    ).toEqual(['debited 1: promotion/A 1', 'rejected: TIME_IN_FUTURE time']);
    expect(account.account.events.at(-1)).toMatchObject({ usage: { placedAt: moment('2026-01-02') } });
  });

  it('a clock that is a little slow still finds a grant of this moment, within the clock skew', () => {
    const account = given(prepaid, at('2026-01-01', start()), at('2026-01-02T00:00:10Z', promotion('A', 50)));
    expect(
      account.when(
        at('2026-01-02T00:00:11Z', usage('u1', 1, '2026-01-02T00:00:05Z')),
        at('2026-01-02T00:00:11Z', usage('u2', 1, '2026-01-02T00:00:04.999Z')),
      ),
    ).toEqual(['debited 1: promotion/A 1', 'uncovered 1 blocked']);
  });

  it('the clock skew is as long as it is said to be, for usage, holds and what is asked before', () => {
    const { account } = given(
      prepaid,
      at('2026-01-02', start()),
      at('2026-01-02', promotion('A', 50, { effectiveAt: '2026-01-02T00:00:02Z' })),
    );
    const asked = '2026-01-02T00:00:01Z';
    account.at(asked);
    const tolerating = (clockSkewMs: number) => ({
      access: checkAccess(account.state, 'call', amount(1), { ...account.context, clockSkewMs }),
      decided: [ask('u', 1, asked), hold('h', 1, '2026-01-03')].map((command) =>
        tellDecision(
          decide(account.state, command, {
            ...account.context,
            history: { holdClosed: false },
            clockSkewMs,
          }),
        ),
      ),
    });
    expect(tolerating(1000)).toMatchObject({
      access: { kind: 'allowed', available: amount(50) },
      decided: [['debited 1: promotion/A 1'], ['held 1 as h: promotion/A 1']],
    });
    const short = 'rejected: INSUFFICIENT_CREDITS available 0 required 1';
    expect(tolerating(999)).toMatchObject({
      access: { reason: 'INSUFFICIENT_CREDITS' },
      decided: [[short], [short]],
    });
  });

  it('a capture beyond its hold finds a grant of this moment as well, within the clock skew', () => {
    const { account } = given(
      prepaid,
      at('2026-01-02', promotion('A', 1)),
      at('2026-01-02', promotion('B', 50, { effectiveAt: '2026-01-02T00:00:02Z' })),
      at('2026-01-02', hold('h', 1, '2026-01-03')),
    );
    account.at('2026-01-02T00:00:01Z');
    const captured = (clockSkewMs: number) =>
      tellDecision(decide(account.state, capture('h', 3), { ...account.context, clockSkewMs }));
    expect(captured(1000)).toEqual([
      'captured 3 of h: promotion/A 1; beyond: promotion/B 2; returned: nothing',
    ]);
    expect(captured(999)).toEqual(['rejected: INSUFFICIENT_CREDITS available 1 required 3']);
  });

  it('what is told to be available is what could pay, within the clock skew', () => {
    const { account } = given(
      prepaid,
      at('2026-01-02', start()),
      at('2026-01-02', promotion('A', 1)),
      at('2026-01-02', promotion('B', 50, { effectiveAt: '2026-01-02T00:00:02Z' })),
    );
    account.at('2026-01-02T00:00:01Z');
    const available = (clockSkewMs: number) =>
      checkAccess(account.state, 'call', amount(1), { ...account.context, clockSkewMs });
    expect(available(1000)).toMatchObject({ kind: 'allowed', available: amount(51) });
    expect(available(999)).toMatchObject({ kind: 'allowed', available: amount(1) });
  });

  it('a subscription of this moment prices usage within the clock skew, and none beyond it', () => {
    const { account } = given(prepaid, at('2026-01-02T00:00:02Z', start()));
    const told = (clockSkewMs: number) =>
      tellDecision(
        decide(account.state, usage('u', 1, '2026-01-02T00:00:01Z'), { ...account.context, clockSkewMs }),
      );
    expect(told(1000)).toEqual(['uncovered 1 blocked']);
    expect(told(999)).toEqual(['not credit metered: call']);
  });

  it('and a subscription that started this moment', () => {
    const account = given(plans(planOf(allowance(10))), at('2026-01-02T00:00:10Z', start()));
    expect(
      account.when(
        at('2026-01-02T00:00:11Z', usage('u1', 1, '2026-01-02T00:00:05Z')),
        at('2026-01-02T00:00:11Z', usage('u2', 1, '2026-01-02T00:00:04Z')),
      ),
    ).toEqual(['debited 1: sub/credits/allowance/0/0 1', 'not credit metered: call']);
  });

  it('late usage from before a change of plan is priced by the plan of its own time', () => {
    const account = given(
      plans(planOf(allowance(100)), planOf(allowance(100), { features: [costs('call', 3)] })),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-10', change(2, 'now')),
    );
    expect(
      account.when(
        at('2026-01-10T00:30:00Z', usage('before', 10, '2026-01-09T23:59:00Z')),
        at('2026-01-10T00:30:00Z', usage('after', 10, '2026-01-10T00:01:00Z')),
      ),
    ).toEqual(['debited 10: sub/credits/allowance/0/0 10', 'debited 30: sub/credits/allowance/1/0 30']);
  });
});
