import { describe, expect, it } from '@jest/globals';
import { needsHistory, withoutClosedGrants, type CreditsDebited } from './index.js';
import { at, given } from './testing/given.js';
import { amount, prepaid } from './testing/catalogs.js';
import { capture, hold, promotion, release, reverse, start, usage, voidOf } from './testing/commands.js';

const day = '2026-01-01';

describe('the history a decision needs', () => {
  const { account } = given(
    prepaid,
    at(day, start()),
    at(day, promotion('A', 5)),
    at(day, promotion('B', 50)),
    at(day, usage('u1', 8, day)),
    at(day, hold('h', 1, '2026-01-05')),
  );
  const snapshot = withoutClosedGrants(account.state);
  const debit = account.events.filter((event): event is CreditsDebited => event.type === 'CreditsDebited');

  it('of a reversal is the debit first, and then the grants it drew on that have left the state', () => {
    expect(needsHistory(snapshot, reverse('u1'))).toEqual({ kind: 'debit', source: 'gateway', id: 'u1' });
    expect(needsHistory(snapshot, reverse('u1'), { debit })).toEqual({
      kind: 'closedGrants',
      creditSystem: 'credits',
      grantIds: ['promotion/A'],
    });
    expect(needsHistory(snapshot, reverse('u1'), { debit, closedGrants: [] })).toBeUndefined();
    expect(needsHistory(account.state, reverse('u1'), { debit })).toBeUndefined();
    expect(needsHistory(snapshot, reverse('u9'), { debit: [] })).toBeUndefined();
  });

  it('of voiding is the grant, if it has left the state', () => {
    expect(needsHistory(snapshot, voidOf('promotion/A'))).toMatchObject({ kind: 'closedGrants' });
    expect(needsHistory(snapshot, voidOf('promotion/B'))).toBeUndefined();
  });

  it('of a hold is whether there was one, if none is open', () => {
    expect(needsHistory(snapshot, capture('h'))).toBeUndefined();
    expect(needsHistory(snapshot, release('g'))).toEqual({ kind: 'hold', holdId: 'g' });
    expect(needsHistory(snapshot, hold('g', 1, '2026-01-05'), { holdClosed: false })).toBeUndefined();
  });

  it('of usage is none', () => {
    expect(needsHistory(snapshot, usage('u2', 1, day))).toBeUndefined();
    expect(snapshot.wallets['credits']?.balance.promotional).toEqual(amount(46));
  });
});
