import { later, plusMs, type Instant } from '../time/index.js';
import { findCreditSystem, type CreditSystem } from '../catalog/index.js';
import type { DecisionContext } from './decision.js';
import type { Cause, Fact } from './events.js';
import type { AccountState } from './state.js';

/** The clock as the account sees it: it never runs backwards, whichever machine decides next. */
export function nowFor(state: AccountState, { now }: DecisionContext): Instant {
  return state.recordedThrough === null ? now : later(now, state.recordedThrough);
}

export function fact(cause: Cause, occurredAt: Instant, recordedAt: Instant): Fact {
  return { cause, occurredAt, recordedAt };
}

export const settlementCause: Cause = { kind: 'settlement' };

/** One context serves a whole batch, and a batch asks for few graces. */
const horizons = new WeakMap<DecisionContext, Map<number, Instant>>();

/**
 * No usage from before this instant can still arrive: the earlier of now and the time up to which every usage
 * partition has been consumed, less the credit system's grace.
 */
export function usageHorizon(context: DecisionContext, creditSystem: string): Instant {
  const { lateUsageGraceMs } = creditSystemOf(context, creditSystem);
  let known = horizons.get(context);
  if (known === undefined) horizons.set(context, (known = new Map<number, Instant>()));
  let horizon = known.get(lateUsageGraceMs);
  if (horizon === undefined) {
    const { now, usageConsumedThrough } = context;
    horizon = plusMs(usageConsumedThrough < now ? usageConsumedThrough : now, -lateUsageGraceMs);
    known.set(lateUsageGraceMs, horizon);
  }
  return horizon;
}

/** @throws Error when the catalog lacks it: credit systems are never taken back */
export function creditSystemOf({ catalog }: DecisionContext, key: string): CreditSystem {
  const system = findCreditSystem(catalog, key);
  if (system === undefined) throw new Error(`the catalog lacks credit system ${key}`);
  return system;
}
