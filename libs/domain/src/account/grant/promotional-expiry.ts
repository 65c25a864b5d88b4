import { addDuration, isPositiveDuration, type Instant } from '../../time/index.js';
import type { Fault } from '../../rejection.js';
import type { GrantCredits } from '../commands.js';
import type { Deciding } from '../deciding.js';
import { activeAt, creditOf, planOf, termsAt } from '../subscription/terms.js';

/** A calendar duration from the moment at which the credits take effect, and the zone in which its days are counted. */
export interface Life {
  readonly duration: string;
  readonly timeZone: string;
  /** The field of the command to blame where it leads out of the calendar. */
  readonly path: 'expiresAfter' | 'effectiveAt';
}

/**
 * How long promotional credits live when the command names no instant: as it says itself (in UTC, since it belongs
 * to no plan), else as the customer's plan says of purchased and promotional credits (`expiresAfter`, in the plan's
 * time zone). Of several active subscriptions with such a rule the one that started first decides, the same that
 * prices usage. Null: they have no end.
 */
export function lifeOf(
  { creditSystem, expiresAt, expiresAfter }: GrantCredits,
  { state, now, context }: Deciding,
): Life | null {
  if (expiresAfter !== undefined) return { duration: expiresAfter, timeZone: 'UTC', path: 'expiresAfter' };
  if (expiresAt !== undefined) return null;
  for (const subscription of activeAt(state, now)) {
    const plan = planOf(context.catalog, termsAt(subscription, now).plan);
    const rule = creditOf(plan, creditSystem)?.expiresAfter ?? null;
    if (rule !== null) return { duration: rule, timeZone: plan.timeZone, path: 'effectiveAt' };
  }
  return null;
}

export function lifeFaults(life: Life | null, effectiveAt: Instant): readonly Fault[] {
  if (life === null) return [];
  const { duration, timeZone, path } = life;
  if (!isPositiveDuration(duration))
    return [{ path, message: `must be a positive ISO 8601 duration of at most 1,000 years: ${duration}` }];
  try {
    addDuration(effectiveAt, duration, timeZone);
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ path, message: `leads out of the calendar: ${duration} after ${effectiveAt}` }];
  }
}

/** Exclusive. Null: never. */
export function expiryOf(
  { expiresAt }: GrantCredits,
  life: Life | null,
  effectiveAt: Instant,
): Instant | null {
  return life === null ? (expiresAt ?? null) : addDuration(effectiveAt, life.duration, life.timeZone);
}
