import { later, type Instant } from '../../time/index.js';
import type { Subscription } from '../state.js';

/**
 * When the present period of a subscription ends, for what waits for it. A plan may count several intervals side
 * by side (a weekly allowance, a monthly pack); the period that ends last counts, so that nothing that was paid
 * for is cut short. Without any recurring credits there is nothing to wait for: `now`. A change that is waiting
 * already ends the period where it takes effect, whatever the new plan renews.
 */
export function periodEnd({ schedules, terms, startsAt }: Subscription, now: Instant): Instant {
  let end = later(now, startsAt);
  for (const { nextAt } of schedules) end = later(end, nextAt);
  for (const { from } of terms) end = later(end, from);
  return end;
}
