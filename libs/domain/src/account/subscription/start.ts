import { findPlan, type Plan } from '../../catalog/index.js';
import { rejection, type Rejection } from '../../rejection.js';
import { periodIndexAt, type Instant } from '../../time/index.js';
import type { StartSubscription } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { SubscriptionStarted } from '../events.js';
import { fact } from '../fact.js';
import { malformed } from '../refusals.js';
import { planUnknown } from './plan-unknown.js';
import { limitsOf, recurringOf } from './recurring.js';
import { findSubscription, refOf } from './terms.js';

/**
 * All that was missed is granted at once: somewhere it has to end. Of an allowance alone a thousand months are 83 years, a
 * thousand days nearly three; ten allowances and packs each month, eight years.
 */
export const MAX_MISSED_PERIODS = 1_000;

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
  const startsAt = command.startsAt ?? now;
  const missed = missedPeriods(plan, startsAt, now);
  if (missed > MAX_MISSED_PERIODS) {
    const message =
      `${startsAt} lies ${missed} periods back, those of all allowances and packs counted, ` +
      `and at most ${MAX_MISSED_PERIODS} are granted at once`;
    return malformed('subscription', [{ path: 'startsAt', message }]);
  }
  return [
    {
      type: 'SubscriptionStarted',
      ...fact(cause, now, now),
      subscriptionId,
      plan: refOf(plan),
      startsAt,
      recurring: recurringOf(plan),
      ...limitsOf(plan),
    },
  ];
}

/** How many periods a plan would have granted by now, those of all its allowances and packs together. */
function missedPeriods({ credits, timeZone }: Plan, startsAt: Instant, now: Instant): number {
  if (startsAt >= now) return 0;
  const intervals = credits.flatMap(({ included, priced }) => [
    ...(included === null ? [] : [included.resetInterval]),
    ...(priced?.recurring ? [priced.recurring.billingInterval] : []),
  ]);
  return intervals.reduce((sum, interval) => sum + periodIndexAt(startsAt, interval, timeZone, now), 0);
}
