import { findPlan } from '../../catalog/index.js';
import { isRejection, type Rejection } from '../../rejection.js';
import { later } from '../../time/index.js';
import type { ChangeSubscription } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { SubscriptionChanged } from '../events.js';
import { fact } from '../fact.js';
import { grantsEndedAt } from './ended-grants.js';
import { openSubscription } from './open-subscription.js';
import { periodEnd } from './period-end.js';
import { planUnknown } from './plan-unknown.js';
import { limitsOf, recurringOf } from './recurring.js';
import { refOf, termsAt } from './terms.js';

/**
 * Puts a subscription on another plan (or version), now or when its present period ends. Periods are counted
 * anew from then, and what is left of the old allowance ends then; what had rolled over before lives on. A change
 * replaces one that is still waiting.
 */
export function changeSubscription(
  command: ChangeSubscription,
  { state, now, cause, context }: Deciding,
): readonly SubscriptionChanged[] | Rejection {
  const subscription = openSubscription(state, command.subscriptionId, now);
  if (isRejection(subscription)) return subscription;
  const plan = findPlan(context.catalog, command.planId, command.planVersion);
  if (plan === undefined) return planUnknown(command.planId, command.planVersion);
  const effectiveAt =
    command.when === 'now' ? later(now, subscription.startsAt) : periodEnd(subscription, now);
  return [
    {
      type: 'SubscriptionChanged',
      ...fact(cause, now, now),
      subscriptionId: subscription.id,
      from: termsAt(subscription, now).plan,
      to: refOf(plan),
      effectiveAt,
      anchor: effectiveAt,
      recurring: recurringOf(plan),
      ...limitsOf(plan),
      endedGrants: grantsEndedAt(state, subscription.id, effectiveAt, { rollovers: false }),
    },
  ];
}
