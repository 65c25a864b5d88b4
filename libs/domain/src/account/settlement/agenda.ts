import { instant, type Instant } from '../../time/index.js';
import { calendarDay, calendarMonth } from '../auto-top-up/caps.js';
import { mayAsk, roomAt, wantsTopUp } from '../auto-top-up/room.js';
import { nextTurningPoint } from '../low-balance/turning-points.js';
import type { AccountState, Wallet } from '../state.js';
import { limitAt } from '../subscription/terms.js';
import { availableAt } from '../wallet/available.js';
import { hasWatchers } from './consequences.js';

/**
 * When an account has to be woken by time alone.
 * `settle`: due when the clock passes `at`. `expiry`: due when the usage horizon of `creditSystem` passes `at`.
 */
export type AgendaEntry =
  | { readonly kind: 'settle'; readonly creditSystem: null; readonly at: Instant }
  | { readonly kind: 'expiry'; readonly creditSystem: string; readonly at: Instant };

/**
 * At most one entry to settle and one per wallet to expire: the earliest of each. Holds good until the account's
 * next event; before the instants it names, settling changes nothing. Needs no catalog.
 */
export function agendaOf(state: AccountState): readonly AgendaEntry[] {
  const entries: AgendaEntry[] = [];
  const at = nextSettlement(state);
  if (at !== null) entries.push({ kind: 'settle', creditSystem: null, at });
  for (const wallet of Object.values(state.wallets)) {
    const expiry = nextExpiry(wallet);
    if (expiry !== null) entries.push({ kind: 'expiry', creditSystem: wallet.creditSystem, at: expiry });
  }
  return entries;
}

// Loops, and no lists in between: an agenda is made for every account that a batch of events touches.

function nextExpiry({ grants }: Wallet): Instant | null {
  let first: Instant | null = null;
  for (const { available, rollover, expiresAt } of grants)
    if (rollover === null && available.isPositive) first = sooner(first, expiresAt);
  return first;
}

function nextSettlement(state: AccountState): Instant | null {
  let due: Instant | null = null;
  for (const { schedules } of state.subscriptions)
    for (const { nextAt } of schedules) due = sooner(due, nextAt);
  for (const { holds, grants } of Object.values(state.wallets)) {
    for (const { timesOutAt } of holds) due = sooner(due, timesOutAt);
    for (const { available, rollover, expiresAt } of grants)
      if (rollover !== null && available.isPositive) due = sooner(due, expiresAt);
  }
  return hasWatchers(state) ? sooner(due, nextCrossing(state, due)) : due;
}

/** The first instant, before anything else is due, at which time alone makes a balance cross a limit. */
function nextCrossing(state: AccountState, until: Instant | null): Instant | null {
  const wallets = Object.values(state.wallets);
  const reset = least(wallets.map((wallet) => nextCapReset(wallet, state.recordedThrough)));
  let after = state.recordedThrough;
  for (;;) {
    const point = least([
      nextTurningPoint(state, after, until),
      after === null || (reset !== null && reset > after) ? reset : null,
    ]);
    if (point === null || (until !== null && point > until)) return null;
    if (wallets.some((wallet) => hasConsequence(state, wallet, point))) return point;
    after = point;
  }
}

function hasConsequence(state: AccountState, wallet: Wallet, at: Instant): boolean {
  const available = availableAt(wallet, at);
  const limit = limitAt(state, wallet.creditSystem, at);
  if (limit !== undefined && available.lessThan(limit.threshold) !== wallet.low) return true;
  return wallet.autoTopUp !== null && wantsTopUp(wallet.autoTopUp, available, at);
}

/** When the caps of a top-up that is wanted let it ask again: the next day or month, UTC. */
function nextCapReset({ autoTopUp }: Wallet, after: Instant | null): Instant | null {
  if (autoTopUp === null || after === null || !mayAsk(autoTopUp)) return null;
  const tomorrow = nextDay(after);
  const room = roomAt(autoTopUp, tomorrow);
  return room === null || room.isPositive ? tomorrow : nextMonth(after);
}

function nextDay(at: Instant): Instant {
  const day = new Date(`${calendarDay(at)}T00:00:00.000Z`);
  day.setUTCDate(day.getUTCDate() + 1);
  return instant(day.toISOString());
}

function nextMonth(at: Instant): Instant {
  const first = new Date(`${calendarMonth(at)}-01T00:00:00.000Z`);
  first.setUTCMonth(first.getUTCMonth() + 1);
  return instant(first.toISOString());
}

function least(instants: readonly (Instant | null)[]): Instant | null {
  return instants.reduce(sooner, null);
}

function sooner(a: Instant | null, b: Instant | null): Instant | null {
  return b !== null && (a === null || b < a) ? b : a;
}
