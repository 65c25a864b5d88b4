import { describe, expect, it } from '@jest/globals';
import { MissingHistory, decide } from '../index.js';
import { at, given } from '../testing/given.js';
import { allowance, amount, planOf, plans, prepaid } from '../testing/catalogs.js';
import { cancel, change, promotion, reverse, settleNow, start, usage } from '../testing/commands.js';

const day = '2026-01-02';
const drawn = () =>
  given(
    prepaid,
    at('2026-01-01', start()),
    at('2026-01-01', promotion('sooner', 5, { expiresAt: '2026-01-10' })),
    at('2026-01-01', promotion('later', 20, { expiresAt: '2026-03-01' })),
    at(day, usage('u1', 10, day)),
  );

describe('reversing a debit', () => {
  it('gives all of it back by default, and says why', () => {
    const account = drawn();
    expect(account.when(at(day, reverse('u1')))).toEqual([
      'reversed 10: promotion/later 5 + promotion/sooner 5',
    ]);
    expect(account.availableAt(day)).toBe('25');
    expect(account.account.events.at(-1)).toMatchObject({
      usage: { source: 'gateway', id: 'u1' },
      feature: 'call',
      reason: 'refund',
      cause: { kind: 'command', key: 'reverse u1' },
    });
  });

  it('gives each of many grants back what it gave, last drawn first', () => {
    const account = given(
      prepaid,
      at('2026-01-01', start()),
      at('2026-01-01', promotion('first', 5, { expiresAt: '2026-02-01' })),
      at('2026-01-01', promotion('second', 5, { expiresAt: '2026-03-01' })),
      at('2026-01-01', promotion('third', 5, { expiresAt: '2026-04-01' })),
      at(day, usage('u1', 12, day)),
    );
    expect(account.when(at(day, reverse('u1', 8)))).toEqual([
      'reversed 8: promotion/third 2 + promotion/second 5 + promotion/first 1',
    ]);
    const left = [...account.account.grants().values()].map(({ available }) => available.toString());
    expect(left).toEqual(['1', '5', '5']);
  });

  it('can be repeated in parts, never more than was drawn', () => {
    expect(
      drawn().when(
        at(day, reverse('u1', 3, 'first')),
        at(day, reverse('u1', 4, 'second')),
        at(day, reverse('u1', 4, 'third')),
        at(day, reverse('u1', undefined, 'rest')),
        at(day, reverse('u1', undefined, 'nothing left')),
      ),
    ).toEqual([
      'reversed 3: promotion/later 3',
      'reversed 4: promotion/later 2 + promotion/sooner 2',
      'rejected: REVERSAL_EXCEEDS_DEBIT amount 4 debited 10 left 3',
      'reversed 3: promotion/sooner 3',
      'rejected: REVERSAL_EXCEEDS_DEBIT amount 0 debited 10 left 0',
    ]);
  });

  it('of what is wholly reversed says that nothing is left', () => {
    const account = drawn();
    account.when(at(day, reverse('u1', undefined, 'all')));
    expect(account.decision(at(day, reverse('u1', undefined, 'again')))).toMatchObject({
      message: 'nothing is left to reverse of a debit of 10',
    });
  });

  it('into a grant that has expired meanwhile expires it again at once, visibly', () => {
    const account = drawn();
    expect(account.when(at('2026-01-20', reverse('u1', 7)))).toEqual([
      'reversed 7: promotion/later 5 + promotion/sooner 2',
      'expired 2 of promotion/sooner at 2026-01-10',
    ]);
    expect(account.availableAt('2026-01-20')).toBe('20');
    expect(account.account.grants().get('promotion/sooner')).toMatchObject({
      granted: amount(5),
      consumed: amount(3),
      expired: amount(2),
    });
  });

  it('into a grant that expired a moment ago waits with it for late usage', () => {
    expect(
      drawn().when(at('2026-01-10T00:30:00Z', reverse('u1', 7)), at('2026-01-10T01:00:00Z', settleNow)),
    ).toEqual([
      'reversed 7: promotion/later 5 + promotion/sooner 2',
      '~ expired 2 of promotion/sooner at 2026-01-10',
    ]);
  });

  it('writes off what no grant could pay first', () => {
    const account = drawn();
    account.when(at(day, usage('u2', 22, day)));
    expect(account.account.wallet().uncovered.blocked).toEqual(amount(7));
    expect(account.when(at(day, reverse('u2', 5, 'a')), at(day, reverse('u2', 5, 'b')))).toEqual([
      'reversed 5: nothing, written off 5 blocked',
      'reversed 5: promotion/later 3, written off 2 blocked',
    ]);
    expect(account.account.wallet().uncovered.total).toEqual(amount(0));
  });

  it('of wholly uncovered usage writes it off', () => {
    const account = given(
      plans(planOf({ onEmpty: 'payAsYouGo' })),
      at(day, start()),
      at(day, usage('u1', 4, day)),
    );
    expect(account.when(at(day, reverse('u1')))).toEqual(['reversed 4: nothing, written off 4 billable']);
    expect(account.account.wallet().uncovered.total).toEqual(amount(0));
  });

  it('after a change of plan expires what belonged to the old allowance', () => {
    const account = given(
      plans(planOf(allowance(10)), planOf(allowance(20))),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-02', usage('all', 10, '2026-01-02')),
      at('2026-01-05', change(2, 'now')),
    );
    expect(account.when(at('2026-01-06', reverse('all')))).toEqual([
      'reversed 10: sub/credits/allowance/0/0 10',
      'expired 10 of sub/credits/allowance/0/0 at 2026-01-05',
    ]);
    expect(account.availableAt('2026-01-06')).toBe('20');
  });

  it.each(['2026-01-01', '2026-02-01'])(
    'of all that was included in a period gives nothing to spend after a change of plan at the instant it began (%s)',
    (instant) => {
      const account = given(
        plans(planOf(allowance(10, 'month'))),
        at('2026-01-01', start()),
        at(instant, usage('all', 10, instant)),
        at(instant, change(1, 'now')),
        at(instant, usage('all of the new', 10, instant)),
        at(instant, change(1, 'now', {}, 'again')),
      );
      const after = instant.replace(/01$/, '02');
      account.when(at(after, reverse('all')), at(after, reverse('all of the new')));
      expect(account.availableAt(after)).toBe('10');
    },
  );

  it('after a cancellation expires with the subscription, though a change was waiting for later', () => {
    const account = given(
      plans(planOf(allowance(10)), planOf(allowance(20))),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-02', usage('all', 10, '2026-01-02')),
      at('2026-01-05', change(2, 'periodEnd')),
      at('2026-01-06', cancel('now')),
    );
    expect(account.when(at('2026-01-07', reverse('all')))).toEqual([
      'reversed 10: sub/credits/allowance/0/0 10',
      'expired 10 of sub/credits/allowance/0/0 at 2026-01-06',
    ]);
  });

  it('after a change of plan and then a cancellation expires what belonged to the first plan with that', () => {
    const account = given(
      plans(planOf(allowance(10)), planOf(allowance(20))),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-02', usage('all', 10, '2026-01-02')),
      at('2026-01-05', change(2, 'now')),
      at('2026-01-08', cancel('now')),
    );
    expect(account.when(at('2026-01-09', reverse('all')))).toEqual([
      '~ expired 20 of sub/credits/allowance/1/0 at 2026-01-08',
      'reversed 10: sub/credits/allowance/0/0 10',
      'expired 10 of sub/credits/allowance/0/0 at 2026-01-05',
    ]);
  });

  it('of a period that had ended before the subscription did gives it no later end', () => {
    const account = given(
      plans(planOf(allowance(10))),
      at('2026-01-01', start()),
      at('2026-01-02', usage('all', 10, '2026-01-02')),
      at('2026-02-05', cancel('now')),
    );
    expect(account.when(at('2026-02-06', reverse('all')))).toEqual([
      '~ expired 10 of sub/credits/allowance/0/1 at 2026-02-05',
      'reversed 10: sub/credits/allowance/0/0 10',
      'expired 10 of sub/credits/allowance/0/0 at 2026-02-01',
    ]);
  });

  const rolledAndSpent = () =>
    given(
      plans(planOf(allowance(10, 'month', 1, { periods: 3 })), planOf(allowance(20))),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-02-01', settleNow),
      at('2026-02-02', usage('all', 20, '2026-02-02')),
    );

  it('of what had rolled over expires with the subscription', () => {
    const account = rolledAndSpent();
    account.when(at('2026-02-05', cancel('now')));
    account.when(at('2026-02-06', reverse('all')));
    expect(account.availableAt('2026-02-06')).toBe('0');
  });

  it('of what had rolled over lives on through a change of plan', () => {
    const account = rolledAndSpent();
    account.when(at('2026-02-05', change(2, 'now')));
    account.when(at('2026-02-06', reverse('all')));
    expect(account.availableAt('2026-02-06')).toBe('30');
    expect(account.availableAt('2026-03-02')).toBe('30');
  });

  it('of all that was included rolls over where a change waits for the period’s end', () => {
    const account = given(
      plans(planOf(allowance(10, 'month', 1, { periods: 1 })), planOf(allowance(20))),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-02', usage('all', 10, '2026-01-02')),
      at('2026-01-05', change(2, 'periodEnd')),
      at('2026-01-06', reverse('all')),
    );
    expect(account.when(at('2026-02-01', settleNow))).toEqual([
      '~ rolled over 10 of sub/credits/allowance/0/0 at 2026-02-01 until 2026-03-01',
      '~ granted 20 included sub/credits/allowance/1/0 from 2026-02-01 until 2026-03-01',
    ]);
  });

  it('of all that was included gives it back until the subscription ends, and nothing of it rolls over then', () => {
    const account = given(
      plans(planOf(allowance(10, 'month', 1, { periods: 1 }))),
      at('2026-01-01', start()),
      at('2026-01-02', usage('all', 10, '2026-01-02')),
      at('2026-01-05', cancel('periodEnd')),
    );
    expect(
      account.when(
        at('2026-01-06', reverse('all')),
        at('2026-02-01', settleNow),
        at('2026-02-01T01:00:00Z', settleNow),
      ),
    ).toEqual([
      'reversed 10: sub/credits/allowance/0/0 10',
      '~ expired 10 of sub/credits/allowance/0/0 at 2026-02-01',
    ]);
  });

  it('brings no wallet to more than is left to renewals', () => {
    const account = given(prepaid, at('2026-01-01', start()));
    for (const key of ['A', 'B'])
      account.when(
        at(day, promotion(key, '99999999999999999')),
        at(day, usage(key, '99999999999999999', day)),
      );
    expect(account.when(at(day, reverse('A')), at(day, reverse('B')))).toEqual([
      'reversed 99999999999999999: promotion/A 99999999999999999',
      'rejected: COMMAND_MALFORMED amount',
    ]);
  });

  it('needs no room for what it only writes off', () => {
    const account = given(
      prepaid,
      at('2026-01-01', start()),
      at(day, usage('uncovered', '10000000000000000', day)),
      at(day, promotion('A', '100000000000000000')),
    );
    expect(account.when(at(day, reverse('uncovered')))).toEqual([
      'reversed 10000000000000000: nothing, written off 10000000000000000 blocked',
    ]);
  });

  it('needs a debit and a positive amount', () => {
    expect(
      drawn().when(
        at(day, reverse('unknown')),
        at(day, reverse('u1', 0)),
        at(day, reverse('u1', '-1', 'negative')),
      ),
    ).toEqual([
      'rejected: DEBIT_UNKNOWN',
      'rejected: COMMAND_MALFORMED amount',
      'rejected: COMMAND_MALFORMED amount',
    ]);
    expect(given(prepaid).when(at(day, reverse('u1')))).toEqual(['rejected: CUSTOMER_UNKNOWN']);
  });

  it('is never guessed: without the debit there is no decision', () => {
    const { account } = drawn();
    expect(() => decide(account.state, reverse('u1'), account.context)).toThrow(MissingHistory);
  });
});
