import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { amount, prepaid } from '../testing/catalogs.js';
import { promotion, settleNow, start, usage } from '../testing/commands.js';
import { moment } from '../testing/test-account.js';

const account = () =>
  given(
    prepaid,
    at('2026-01-01', start()),
    at('2026-01-01', promotion('A', 50, { expiresAt: '2026-01-10' })),
  );

describe('expiry', () => {
  it('takes the credits out of what is available at once, and shows them as pending', () => {
    const { account: its } = account();
    its.at('2026-01-09T23:59:59.999Z');
    expect(its.wallet()).toMatchObject({ totalAvailable: amount(50), pendingExpiry: amount(0) });
    its.at('2026-01-10');
    expect(its.wallet()).toMatchObject({ totalAvailable: amount(0), pendingExpiry: amount(50) });
  });

  it('is recorded once no usage from before it can still arrive: the horizon has passed it', () => {
    const its = account();
    expect(its.when(at('2026-01-10T00:59:59.999Z', settleNow))).toEqual([]);
    expect(its.when(at('2026-01-10T01:00:00Z', settleNow))).toEqual([
      '~ expired 50 of promotion/A at 2026-01-10',
    ]);
    expect(its.account.wallet()).toMatchObject({ pendingExpiry: amount(0), grants: [] });
  });

  it('waits for usage that is still to be consumed, however long the consumer is away', () => {
    const its = account();
    its.account.consumedThrough = moment('2026-01-09');
    expect(
      its.when(at('2026-02-01', settleNow), at('2026-02-01', usage('u1', 20, '2026-01-09T12:00:00Z'))),
    ).toEqual(['debited 20: promotion/A 20']);
    its.account.consumedThrough = undefined;
    expect(its.when(at('2026-02-01', settleNow))).toEqual(['~ expired 30 of promotion/A at 2026-01-10']);
  });

  it('of nothing is not recorded', () => {
    const its = account();
    its.when(at('2026-01-02', usage('u1', 50, '2026-01-02')));
    expect(its.when(at('2026-02-01', settleNow))).toEqual([]);
  });

  it('in one sweep goes by the instants at which the grants expired, wallet by wallet or not', () => {
    const its = given(
      prepaid,
      at('2026-01-01', promotion('late', 1, { expiresAt: '2026-01-12' })),
      at('2026-01-01', promotion('soon', 2, { expiresAt: '2026-01-10' })),
      at('2026-01-01', promotion('between', 3, { expiresAt: '2026-01-11' })),
    );
    expect(its.when(at('2026-03-01', settleNow), at('2026-03-01', settleNow))).toEqual([
      '~ expired 2 of promotion/soon at 2026-01-10',
      '~ expired 3 of promotion/between at 2026-01-11',
      '~ expired 1 of promotion/late at 2026-01-12',
    ]);
  });

  it('of several grants at one instant goes by their names, whichever burns first', () => {
    const its = given(
      prepaid,
      at('2026-01-01', promotion('B', 1, { expiresAt: '2026-01-10', priority: 10 })),
      at('2026-01-01', promotion('C', 2, { expiresAt: '2026-01-10', priority: 20 })),
      at('2026-01-01', promotion('A', 3, { expiresAt: '2026-01-10', priority: 30 })),
    );
    expect(its.when(at('2026-03-01', settleNow))).toEqual([
      '~ expired 3 of promotion/A at 2026-01-10',
      '~ expired 1 of promotion/B at 2026-01-10',
      '~ expired 2 of promotion/C at 2026-01-10',
    ]);
  });
});
