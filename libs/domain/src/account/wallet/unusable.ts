import { Amount } from '../../amount/index.js';
import type { Instant } from '../../time/index.js';
import type { AccountEvent, CreditSource, Unusable } from '../events.js';
import { evolve } from '../evolve/evolve.js';
import type { AccountState, Wallet } from '../state.js';
import { isUsableAt } from './available.js';
import { walletOf } from './wallet.js';

/**
 * The events, each with what of its balance could not be used when it was recorded.
 * @param before the account before the first of them
 */
export function tellUnusable<Event extends AccountEvent>(
  before: AccountState,
  events: readonly Event[],
  now: Instant,
): readonly Event[] {
  if (events.every((event) => leavesAllUsable(before, event, now))) return events;
  let state = before;
  return events.map((event) => {
    state = evolve(state, event);
    if (!('balance' in event)) return event;
    const unusable = unusableOf(walletOf(state, event.creditSystem), now);
    return unusable === undefined ? event : { ...event, unusable };
  });
}

/** Nearly every event is one of usage: it gives nothing, so that it leaves usable what was usable before. */
function leavesAllUsable(before: AccountState, event: AccountEvent, now: Instant): boolean {
  if (event.type !== 'CreditsDebited' && event.type !== 'UsageUncovered') return false;
  return walletOf(before, event.creditSystem).grants.every((grant) => isUsableAt(grant, now));
}

function unusableOf({ grants }: Wallet, at: Instant): Unusable | undefined {
  const resting = grants.filter((grant) => grant.available.isPositive && !isUsableAt(grant, at));
  if (resting.length === 0) return undefined;
  const from = (source: CreditSource) =>
    Amount.sum(resting.filter((grant) => grant.source === source).map(({ available }) => available));
  return { included: from('included'), purchased: from('purchased'), promotional: from('promotional') };
}
