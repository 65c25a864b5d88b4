import { isRejection, rejection, type Rejection } from '../../rejection.js';
import type { CancelSubscription } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { SubscriptionCancelled } from '../events.js';
import { fact } from '../fact.js';
import { grantsEndedAt } from './ended-grants.js';
import { runningSubscription } from './open-subscription.js';
import { periodEnd } from './period-end.js';
import { termsAt } from './terms.js';

/**
 * Ends a subscription now or when its present period ends; its included credits end with it, what was purchased
 * stays. One that is cancelled to end later can still be ended now.
 */
export function cancelSubscription(
  command: CancelSubscription,
  { state, now, cause }: Deciding,
): readonly SubscriptionCancelled[] | Rejection {
  const subscription = runningSubscription(state, command.subscriptionId, now);
  if (isRejection(subscription)) return subscription;
  if (subscription.endsAt !== null && command.when === 'periodEnd')
    return rejection(
      'SUBSCRIPTION_CANCELLED',
      `subscription ${subscription.id} is cancelled and ends at ${subscription.endsAt}`,
    );
  const endsAt = command.when === 'now' ? now : periodEnd(subscription, now);
  return [
    {
      type: 'SubscriptionCancelled',
      ...fact(cause, now, now),
      subscriptionId: subscription.id,
      plan: termsAt(subscription, now).plan,
      endsAt,
      endedGrants: grantsEndedAt(state, subscription.id, endsAt, { rollovers: true }),
    },
  ];
}
