import { describe, expect, it } from '@jest/globals';
import { mayNeedHistory, needsHistory, withoutClosedGrants, type CreditsDebited } from './index.js';
import { at, given } from './testing/given.js';
import { amount, prepaid } from './testing/catalogs.js';
import {
  autoTopUp,
  cancel,
  capture,
  change,
  hold,
  paid,
  promotion,
  purchase,
  release,
  reverse,
  settleNow,
  start,
  usage,
  voidOf,
} from './testing/commands.js';

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

  it('of voiding in a wallet that no event has touched is the grant as well', () => {
    expect(needsHistory(snapshot, { ...voidOf('promotion/A'), creditSystem: 'other' })).toEqual({
      kind: 'closedGrants',
      creditSystem: 'other',
      grantIds: ['promotion/A'],
    });
  });

  it.each([reverse('u1'), voidOf('promotion/A'), capture('g'), release('g'), hold('g', 1, '2026-01-05')])(
    'is foretold of the command alone: $type may need it',
    (command) => {
      expect(mayNeedHistory(command)).toBe(true);
      expect(needsHistory(snapshot, command)).toBeDefined();
    },
  );

  it.each([
    usage('u2', 1, day),
    start(),
    change(1, 'now'),
    cancel('now'),
    promotion('C', 1),
    purchase('P', 1),
    autoTopUp(1, 2),
    paid('none'),
    settleNow,
  ])('is foretold of the command alone: $type never needs any', (command) => {
    expect(mayNeedHistory(command)).toBe(false);
    expect(needsHistory(snapshot, command)).toBeUndefined();
  });

  it('of usage is none', () => {
    expect(needsHistory(snapshot, usage('u2', 1, day))).toBeUndefined();
    expect(snapshot.wallets['credits']?.balance.promotional).toEqual(amount(46));
  });
});
