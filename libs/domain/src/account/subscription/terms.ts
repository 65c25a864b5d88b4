import { findPlan, type Catalog, type Plan, type PlanCredit } from '../../catalog/index.js';
import type { Instant } from '../../time/index.js';
import type { CreditLimit, PlanRef } from '../events.js';
import type { AccountState, Subscription, SubscriptionTerms } from '../state.js';

/** The terms in force at an instant; the first ones before any are. */
export function termsAt({ terms }: Subscription, at: Instant): SubscriptionTerms {
  let inForce = terms[0];
  for (const candidate of terms) if (candidate.from <= at) inForce = candidate;
  if (inForce === undefined) throw new Error('a subscription without terms');
  return inForce;
}

/** `startsAt` is inclusive, `endsAt` exclusive. */
export function isActiveAt({ startsAt, endsAt }: Subscription, at: Instant): boolean {
  return startsAt <= at && (endsAt === null || endsAt > at);
}

export function hasEndedAt({ endsAt }: Subscription, at: Instant): boolean {
  return endsAt !== null && endsAt <= at;
}

/** In the order in which they price: first started, first asked. */
export function activeAt(state: AccountState, at: Instant): readonly Subscription[] {
  return state.subscriptions.filter((subscription) => isActiveAt(subscription, at));
}

export function findSubscription(state: AccountState, id: string): Subscription | undefined {
  return state.subscriptions.find((subscription) => subscription.id === id);
}

/**
 * A published plan version that the account's events name.
 * @throws Error when the catalog lacks it: versions are never taken back, so the catalog is not the one that was
 * decided by
 */
export function planOf(catalog: Catalog, ref: PlanRef): Plan {
  const plan = findPlan(catalog, ref.id, ref.version);
  if (plan === undefined) throw new Error(`the catalog lacks plan ${ref.id} version ${ref.version}`);
  return plan;
}

export function refOf({ id, version }: Plan): PlanRef {
  return { id, version };
}

export function creditOf(plan: Plan, creditSystem: string): PlanCredit | undefined {
  return plan.credits.find((credit) => credit.creditSystem === creditSystem);
}

/** The low credit limit that holds for a wallet at an instant: that of the active subscription that started first. */
export function limitAt(state: AccountState, creditSystem: string, at: Instant): CreditLimit | undefined {
  for (const subscription of state.subscriptions) {
    if (!isActiveAt(subscription, at)) continue;
    const limit = termsAt(subscription, at).lowCreditLimits?.find(
      (candidate) => candidate.creditSystem === creditSystem,
    );
    if (limit !== undefined) return limit;
  }
  return undefined;
}

/**
 * When an allowance ends at the latest: with the terms under which it was granted, or with the subscription. (What rolled
 * over lives on through a change of plan.) Null: no such end.
 * @param number of the terms under which it was granted
 */
export function endOfAllowance(
  { terms, endsAt }: Subscription,
  number: number,
  effectiveAt: Instant,
): Instant | null {
  // Terms may begin at the very instant at which those before them granted something.
  const next = terms.find(
    (each) => each.from > effectiveAt || (each.from === effectiveAt && each.number > number),
  );
  if (next === undefined) return endsAt;
  return endsAt !== null && endsAt < next.from ? endsAt : next.from;
}
