import type { Instant } from '../../time/index.js';
import type { DecisionContext } from '../decision.js';
import type { AccountEvent } from '../events.js';
import { evolve, evolveAll } from '../evolve/evolve.js';
import { nowFor, settlementCause } from '../fact.js';
import { crossing } from '../low-balance/crossing.js';
import { nextTurningPoint } from '../low-balance/turning-points.js';
import { isWatched } from '../low-balance/watched.js';
import type { AccountState } from '../state.js';
import { firstDue } from './due.js';
import { record } from './record.js';

export interface Settled {
  readonly state: AccountState;
  readonly events: readonly AccountEvent[];
}

const NOTHING: readonly AccountEvent[] = [];

/**
 * Everything that time alone has caused by now, in the order of the instants at which it fell due: renewals,
 * packs, rollovers and hold time-outs due by now, expiries due by the usage horizon, and the crossings of a low
 * credit limit in between. Doing it twice, late or on two machines changes nothing.
 */
export function settle(state: AccountState, context: DecisionContext): Settled {
  const now = nowFor(state, context);
  const due = firstDue(state, now, context);
  if (isWatched(state)) return settleWatched(state, now, context);
  if (due === undefined) return { state, events: NOTHING };
  const events: AccountEvent[] = [];
  let after = state;
  for (let next: typeof due | undefined = due; next; next = firstDue(after, now, context)) {
    const event = record(after, next, settlementCause, now, context);
    events.push(event);
    after = evolve(after, event);
  }
  return { state: after, events };
}

/** The same, looking at the low credit limits at each instant at which time alone changes what is available. */
function settleWatched(state: AccountState, now: Instant, context: DecisionContext): Settled {
  const events: AccountEvent[] = [];
  let after = state;
  const append = (...more: readonly AccountEvent[]) => {
    events.push(...more);
    after = evolveAll(after, more);
  };
  let lookedAtThrough = state.recordedThrough;
  // An instant at which something fell due: looked at once everything due by then is recorded.
  let touched: Instant | null = null;
  for (;;) {
    const due = firstDue(after, now, context);
    // What is recorded can bring about turning points of before it fell due (a hold gives back to a grant that has
    // ended): nothing was there then that anybody could have lost.
    const point = touched ?? nextTurningPoint(after, lookedAtThrough, now);
    if (due !== undefined && (point === null || due.at <= point)) {
      append(record(after, due, settlementCause, now, context));
      if (lookedAtThrough === null || due.at > lookedAtThrough) touched ??= due.at;
    } else if (point !== null) {
      for (const creditSystem of Object.keys(after.wallets))
        append(...crossing(after, creditSystem, point, settlementCause, now));
      lookedAtThrough = point;
      touched = null;
    } else {
      return { state: after, events };
    }
  }
}

/** The account as it stands at `context.now`, settled for a read: nothing is recorded by it. */
export function settledAt(state: AccountState, context: DecisionContext): AccountState {
  return settle(state, context).state;
}
