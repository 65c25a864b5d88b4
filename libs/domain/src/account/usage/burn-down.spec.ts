import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { allowance, costs, planOf, plans, prepaid } from '../testing/catalogs.js';
import { ask, promotion, reverse, settleNow, start, usage, hold, capture } from '../testing/commands.js';

/** The worked examples of burn-down, as finance reads them. */
describe('burn-down by example', () => {
  it('takes from the nearest expiry first: 90 of A 50, B 80 and C 100', () => {
    const account = given(
      prepaid,
      at('2026-01-01', start()),
      at('2026-01-01', promotion('C', 100)),
      at('2026-01-01', promotion('B', 80, { expiresAt: '2026-01-20' })),
      at('2026-01-01', promotion('A', 50, { expiresAt: '2026-01-10' })),
    );
    expect(account.when(at('2026-01-05', usage('u1', 90, '2026-01-05')))).toEqual([
      'debited 90: promotion/A 50 + promotion/B 40',
    ]);
    const { grants } = account.account.wallet();
    expect(grants.map((grant) => `${grant.grantId} ${grant.available.toString()}`)).toEqual([
      'promotion/B 40',
      'promotion/C 100',
    ]);
  });

  it('expires what was not used, each grant on its own day', () => {
    const account = given(
      prepaid,
      at('2026-01-01', start()),
      at('2026-01-01', promotion('A', 10, { expiresAt: '2026-01-10' })),
      at('2026-01-01', promotion('B', 15, { expiresAt: '2026-01-15' })),
      at('2026-01-02', usage('u1', 5, '2026-01-02')),
      at('2026-01-03', usage('u2', 10, '2026-01-03')),
    );
    expect(account.when(at('2026-01-11', settleNow), at('2026-01-16', settleNow))).toEqual([
      '~ expired 10 of promotion/B at 2026-01-15',
    ]);
  });

  it('reverses last drawn first', () => {
    const account = given(
      prepaid,
      at('2026-01-01', start()),
      at('2026-01-01', promotion('sooner', 5, { expiresAt: '2026-02-01' })),
      at('2026-01-01', promotion('later', 5, { expiresAt: '2026-03-01' })),
      at('2026-01-02', usage('u1', 10, '2026-01-02')),
    );
    expect(account.when(at('2026-01-03', reverse('u1', 7)))).toEqual([
      'reversed 7: promotion/later 5 + promotion/sooner 2',
    ]);
  });

  it('uses the monthly allowance before what never expires, and renews only the allowance', () => {
    const account = given(
      plans(planOf(allowance(500))),
      at('2026-01-01', start()),
      at('2026-01-01', promotion('P', 200)),
    );
    const balances = () => {
      const { included, promotional } = account.account.wallet();
      return `${included.toString()}/${promotional.toString()}`;
    };
    account.when(at('2026-01-10', usage('u1', 400, '2026-01-10')));
    expect(balances()).toBe('100/200');
    account.when(at('2026-01-20', usage('u2', 200, '2026-01-20')));
    expect(balances()).toBe('0/100');
    account.when(at('2026-02-01', settleNow));
    expect(balances()).toBe('500/100');
  });

  it('keeps fractions exact: 500 less 0.1 and 0.2 units at 0.2 credits is 499.94', () => {
    const account = given(
      plans(planOf({}, { features: [costs('call', '0.2')] })),
      at('2026-01-01', start()),
      at('2026-01-01', promotion('P', 500)),
      at('2026-01-02', usage('u1', '0.1', '2026-01-02')),
      at('2026-01-02', usage('u2', '0.2', '2026-01-02')),
    );
    expect(account.availableAt('2026-01-02')).toBe('499.94');
  });

  it('captures 60 of a hold of 100 on a balance of 150: 90 left, nothing held', () => {
    const account = given(
      prepaid,
      at('2026-01-01', promotion('P', 150)),
      at('2026-01-01', hold('h', 100, '2026-01-02')),
    );
    expect(account.account.wallet()).toMatchObject({ totalAvailable: { units: 50n * 10n ** 12n } });
    expect(account.when(at('2026-01-01', capture('h', 60)))).toEqual([
      'captured 60 of h: promotion/P 60; beyond: nothing; returned: promotion/P 40',
    ]);
    const { totalAvailable, held } = account.account.wallet();
    expect([totalAvailable.toString(), held.toString()]).toEqual(['90', '0']);
  });

  it('charges a usage id once: again is a duplicate, with other content a conflict', () => {
    const account = given(prepaid, at('2026-01-01', start()), at('2026-01-01', promotion('P', 100)));
    const { events } = account.account;
    const revision = events.length;
    expect(
      account.when(
        at('2026-01-02', usage('u1', 10, '2026-01-02')),
        at('2026-01-02', usage('u1', 10, '2026-01-02')),
        at('2026-01-02', usage('u1', 11, '2026-01-02')),
      ),
    ).toEqual([
      'debited 10: promotion/P 10',
      `duplicate of revision ${revision}`,
      'rejected: IDEMPOTENCY_KEY_REUSED',
    ]);
    expect(account.availableAt('2026-01-02')).toBe('90');
  });

  it('remembers ids for years', () => {
    const account = given(prepaid, at('2026-01-01', start()), at('2026-01-01', promotion('P', 100)));
    account.when(at('2026-01-02', ask('u1', 10, '2026-01-02')));
    expect(account.when(at('2036-01-02', ask('u1', 10, '2026-01-02')))).toEqual(['duplicate of revision 2']);
  });
});
