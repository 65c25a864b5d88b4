import { later } from '../../time/index.js';
import type { AccountEvent } from '../events.js';
import type { AccountState } from '../state.js';
import { evolveAutoTopUp } from './auto-top-ups.js';
import { debited, expired, granted, reversed, rolledOver, voided } from './credits.js';
import { holdCaptured, holdPlaced, holdReleased } from './holds.js';
import { cancelled, changed, grantRenewed, started } from './subscriptions.js';
import { withWallet } from './wallets.js';

/**
 * The account after an event. Pure, and total over every event that `decide` ever made: it looks nothing up,
 * prices nothing, and an event that contradicts the state (a draw on a grant that is not there) throws, because
 * then the stream is broken.
 */
export function evolve(state: AccountState, event: AccountEvent): AccountState {
  const { subscriptions, wallets } = apply(state, event);
  const recordedThrough =
    state.recordedThrough === null ? event.recordedAt : later(state.recordedThrough, event.recordedAt);
  return { exists: true, recordedThrough, subscriptions, wallets };
}

export function evolveAll(state: AccountState, events: Iterable<AccountEvent>): AccountState {
  let after = state;
  for (const event of events) after = evolve(after, event);
  return after;
}

function apply(state: AccountState, event: AccountEvent): AccountState {
  switch (event.type) {
    case 'SubscriptionStarted':
      return started(state, event);
    case 'SubscriptionChanged':
      return changed(state, event);
    case 'SubscriptionCancelled':
      return cancelled(state, event);
    case 'CreditsGranted':
      return grantRenewed(
        withWallet(state, event, (wallet) => granted(wallet, event)),
        event,
      );
    case 'CreditsDebited':
      return withWallet(state, event, (wallet) => debited(wallet, event.draws));
    case 'UsageUncovered':
      return withWallet(state, event, (wallet) => ({
        ...wallet,
        uncovered: {
          ...wallet.uncovered,
          [event.disposition]: wallet.uncovered[event.disposition].plus(event.uncovered),
        },
      }));
    case 'CreditsExpired':
      return withWallet(state, event, (wallet) => expired(wallet, event));
    case 'CreditsRolledOver':
      return withWallet(state, event, (wallet) => rolledOver(wallet, event));
    case 'CreditsVoided':
      return withWallet(state, event, (wallet) => voided(wallet, event));
    case 'DebitReversed':
      return withWallet(state, event, (wallet) => reversed(wallet, event));
    case 'HoldPlaced':
      return withWallet(state, event, (wallet) => holdPlaced(wallet, event));
    case 'HoldCaptured':
      return withWallet(state, event, (wallet) => holdCaptured(wallet, event));
    case 'HoldReleased':
      return withWallet(state, event, (wallet) => holdReleased(wallet, event));
    case 'LowBalanceReached':
      return withWallet(state, event, (wallet) => ({ ...wallet, low: true }));
    case 'LowBalanceCleared':
      return withWallet(state, event, (wallet) => ({ ...wallet, low: false }));
    case 'AutoTopUpConfigured':
    case 'AutoTopUpRequested':
    case 'AutoTopUpFailed':
    case 'AutoTopUpStopped':
      return withWallet(state, event, (wallet) => evolveAutoTopUp(wallet, event));
  }
}
