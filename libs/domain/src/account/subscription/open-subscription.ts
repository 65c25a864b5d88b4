import { isRejection, rejection, type Rejection } from '../../rejection.js';
import type { Instant } from '../../time/index.js';
import { customerUnknown } from '../refusals.js';
import type { AccountState, Subscription } from '../state.js';
import { findSubscription, hasEndedAt } from './terms.js';

export function subscriptionUnknown(id: string): Rejection {
  return rejection('SUBSCRIPTION_UNKNOWN', `the customer has no subscription ${id}`);
}

/** The subscription, if it was started and not cancelled (whether it ends now or later). */
export function openSubscription(state: AccountState, id: string, now: Instant): Subscription | Rejection {
  const subscription = runningSubscription(state, id, now);
  if (isRejection(subscription) || subscription.endsAt === null) return subscription;
  return rejection(
    'SUBSCRIPTION_CANCELLED',
    `subscription ${id} is cancelled and ends at ${subscription.endsAt}`,
  );
}

/** The subscription, if it was started and has not ended yet; it may be cancelled to end later. */
export function runningSubscription(state: AccountState, id: string, now: Instant): Subscription | Rejection {
  if (!state.exists) return customerUnknown();
  const subscription = findSubscription(state, id);
  if (subscription === undefined) return subscriptionUnknown(id);
  if (hasEndedAt(subscription, now))
    return rejection('SUBSCRIPTION_CANCELLED', `subscription ${id} ended at ${subscription.endsAt ?? now}`);
  return subscription;
}
