import type { Instant } from '../../time/index.js';
import { topUpRequest } from '../auto-top-up/request.js';
import type { DecisionContext } from '../decision.js';
import type { AccountEvent, Cause } from '../events.js';
import { evolveAll } from '../evolve/evolve.js';
import { crossing } from '../low-balance/crossing.js';
import { isWatched } from '../low-balance/watched.js';
import type { AccountState } from '../state.js';
import type { Settled } from './settle.js';

/** Whether a change of a balance may have consequences; mostly not, and then nobody has to look. */
export function hasWatchers(state: AccountState): boolean {
  if (isWatched(state)) return true;
  for (const creditSystem in state.wallets) if (state.wallets[creditSystem]?.autoTopUp) return true;
  return false;
}

/**
 * What the balances of this moment cause: a low credit limit crossed, a top-up asked for. `retry`: whether a
 * top-up may be asked for now; not in the same breath in which the payment of the last one was reported failed.
 */
export function consequences(
  state: AccountState,
  cause: Cause,
  now: Instant,
  context: DecisionContext,
  { retry }: { readonly retry: boolean } = { retry: true },
): Settled {
  if (!hasWatchers(state)) return { state, events: [] };
  const events: AccountEvent[] = [];
  let after = state;
  for (const creditSystem of Object.keys(state.wallets)) {
    const crossed = crossing(after, creditSystem, now, cause, now);
    after = evolveAll(after, crossed);
    events.push(...crossed);
    const wallet = after.wallets[creditSystem];
    if (!retry || !wallet) continue;
    const asked = topUpRequest(after, wallet, cause, now, context);
    after = evolveAll(after, asked);
    events.push(...asked);
  }
  return { state: after, events };
}
