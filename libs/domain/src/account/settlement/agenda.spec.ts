import { describe, expect, it } from '@jest/globals';
import { agendaOf } from '../index.js';
import { at, given, type Given } from '../testing/given.js';
import { allowance, amount, catalogOf, planOf, plans, prepaid, sells } from '../testing/catalogs.js';
import {
  autoTopUp,
  change,
  hold,
  notPaid,
  paid,
  promotion,
  purchase,
  settleNow,
  start,
  usage,
} from '../testing/commands.js';
import { day } from '../testing/tell.js';

const agenda = ({ account }: Given): readonly string[] =>
  agendaOf(account.state).map(({ kind, creditSystem, at: when }) =>
    [kind, ...(creditSystem === null ? [] : [creditSystem]), day(when)].join(' '),
  );

describe('the agenda', () => {
  it('of an account without anything to come is empty', () => {
    expect(agenda(given(prepaid))).toEqual([]);
    expect(agenda(given(prepaid, at('2026-01-01', promotion('A', 1))))).toEqual([]);
  });

  it('names the next renewal, and what expires with it', () => {
    const account = given(plans(planOf(allowance(5))), at('2026-01-01', start()));
    expect(agenda(account)).toEqual(['settle 2026-02-01', 'expiry credits 2026-02-01']);
  });

  it('names a subscription’s start, a hold’s time-out and a rollover', () => {
    const account = given(
      plans(planOf(allowance(5, 'month', 1, { periods: 1 }))),
      at('2026-01-01', start({ startsAt: '2026-01-15' })),
    );
    expect(agenda(account)).toEqual(['settle 2026-01-15']);
    account.when(at('2026-01-15', settleNow), at('2026-01-15', hold('h', 1, '2026-01-20')));
    expect(agenda(account)).toEqual(['settle 2026-01-20']);
    account.when(at('2026-01-20', settleNow));
    expect(agenda(account)).toEqual(['settle 2026-02-15']);
  });

  it('does not name what has nothing left', () => {
    const account = given(
      prepaid,
      at('2026-01-01', start()),
      at('2026-01-01', promotion('A', 5, { expiresAt: '2026-01-10' })),
      at('2026-01-02', usage('u', 5, '2026-01-02')),
    );
    expect(agenda(account)).toEqual([]);
  });

  it('names the instant at which time alone makes a balance low, but no expiry that does not', () => {
    const account = given(
      plans(planOf({ lowCreditLimit: { threshold: amount(10), action: 'alert' } })),
      at('2026-01-01', start()),
      at('2026-01-01', promotion('A', 5, { expiresAt: '2026-01-10' })),
      at('2026-01-01', promotion('B', 5, { expiresAt: '2026-01-20' })),
      at('2026-01-01', promotion('C', 9)),
    );
    expect(agenda(account)).toEqual(['settle 2026-01-20', 'expiry credits 2026-01-10']);
    expect(account.when(at('2026-01-20', settleNow))).toEqual([
      '~ expired 5 of promotion/A at 2026-01-10',
      '~ low: 9 below 10 at 2026-01-20',
    ]);
    expect(agenda(account)).toEqual(['expiry credits 2026-01-20']);
  });

  it('names the expiry that makes an auto top-up ask, and the day on which its cap lets it ask again', () => {
    const account = given(
      plans(planOf(sells)),
      at('2026-01-01', start()),
      at('2026-01-01', purchase('P', 10)),
      at('2026-01-01', promotion('A', 20, { expiresAt: '2026-01-10' })),
      at('2026-01-01', autoTopUp(15, 30, { dailyCap: 4, monthlyCap: 6 })),
    );
    expect(agenda(account)).toEqual(['settle 2026-01-10', 'expiry credits 2026-01-10']);
    account.when(at('2026-01-10T01:00:00Z', settleNow));
    expect(agenda(account)).toEqual([]);
    account.when(at('2026-01-10T01:00:00Z', paid('auto-top-up/credits/1')));
    expect(agenda(account)).toEqual(['settle 2026-01-11']);
    account.when(at('2026-01-11', settleNow), at('2026-01-11', paid('auto-top-up/credits/2')));
    expect(agenda(account)).toEqual([]);
    account.when(at('2026-01-11', usage('u', 2, '2026-01-11')));
    expect(agenda(account)).toEqual(['settle 2026-02-01']);
    expect(account.when(at('2026-02-01', settleNow))).toEqual(['~ asked for 4 as auto-top-up/credits/3']);
  });

  it('names the next day for an auto top-up whose payment has failed', () => {
    const account = given(
      prepaid,
      at('2026-12-31', start()),
      at('2026-12-31', autoTopUp(15, 30)),
      at('2026-12-31', promotion('A', 1)),
      at('2026-12-31', notPaid('auto-top-up/credits/1')),
    );
    expect(agenda(account)).toEqual(['settle 2027-01-01']);
  });

  it('names a rollover that no renewal follows', () => {
    const account = given(
      plans(planOf(allowance(5, 'month', 1, { periods: 1 })), planOf(sells)),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-10', change(2, 'periodEnd')),
    );
    expect(agenda(account)).toEqual(['settle 2026-02-01']);
    account.when(at('2026-01-10', hold('h', 5, '2026-03-01')));
    expect(agenda(account)).toEqual(['settle 2026-03-01']);
  });

  it('does not name the expiry of what a hold has set aside', () => {
    const account = given(
      prepaid,
      at('2026-01-01', start()),
      at('2026-01-01', promotion('A', 5, { expiresAt: '2026-01-10' })),
      at('2026-01-02', hold('h', 5, '2026-02-01')),
    );
    expect(agenda(account)).toEqual(['settle 2026-02-01']);
  });

  it('names the first instant at which one of several wallets falls low, which may be before the next renewal', () => {
    const account = given(
      catalogOf([{ key: 'credits' }, { key: 'gpu' }], {
        plan: [
          planOf({
            ...allowance(10),
            lowCreditLimit: { threshold: amount(15), action: 'alert' },
          }),
        ],
      }),
      at('2026-01-01', start()),
      at('2026-01-01', promotion('G', 5, { creditSystem: 'gpu' })),
      at('2026-01-01', promotion('A', 5, { expiresAt: '2026-01-10' })),
      at('2026-01-01', promotion('B', 5, { expiresAt: '2026-01-20' })),
    );
    expect(agenda(account)).toEqual(['settle 2026-01-20', 'expiry credits 2026-01-10']);
  });
});
