import { findPlan } from '../../catalog/index.js';
import { rejection, type Rejection } from '../../rejection.js';
import type { StartSubscription } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { SubscriptionStarted } from '../events.js';
import { fact } from '../fact.js';
import { planUnknown } from './plan-unknown.js';
import { limitsOf, recurringOf } from './recurring.js';
import { findSubscription, refOf } from './terms.js';

/** Starts a subscription now, in the past (what it missed is granted period by period) or in the future. */
export function startSubscription(
  command: StartSubscription,
  { state, now, cause, context }: Deciding,
): readonly SubscriptionStarted[] | Rejection {
  const { subscriptionId, planId, planVersion } = command;
  if (findSubscription(state, subscriptionId) !== undefined)
    return rejection('SUBSCRIPTION_EXISTS', `subscription ${subscriptionId} was started before`);
  const plan = findPlan(context.catalog, planId, planVersion);
  if (plan === undefined) return planUnknown(planId, planVersion);
  return [
    {
      type: 'SubscriptionStarted',
      ...fact(cause, now, now),
      subscriptionId,
      plan: refOf(plan),
      startsAt: command.startsAt ?? now,
      recurring: recurringOf(plan),
      ...limitsOf(plan),
    },
  ];
}
