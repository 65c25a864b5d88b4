import type { Amount } from '../../amount/index.js';
import type { Instant } from '../../time/index.js';
import type { AutoTopUp } from '../state.js';
import { calendarDay, calendarMonth } from './caps.js';

/** Whether it may ask at all: switched on, not stopped, nothing in flight. */
export function mayAsk(autoTopUp: AutoTopUp): boolean {
  return autoTopUp.terms.enabled && autoTopUp.stopped === null && autoTopUp.inFlight === null;
}

/** What the caps of the calendar day and month (UTC) leave to ask for. Null: no cap. */
export function roomAt({ terms, askedOn }: AutoTopUp, at: Instant): Amount | null {
  const { dailyCap, monthlyCap } = terms;
  const daily = dailyCap && (askedOn.day === calendarDay(at) ? dailyCap.minus(askedOn.daily) : dailyCap);
  const monthly =
    monthlyCap && (askedOn.month === calendarMonth(at) ? monthlyCap.minus(askedOn.monthly) : monthlyCap);
  if (daily === null || monthly === null) return daily ?? monthly;
  return daily.lessThan(monthly) ? daily : monthly;
}

/** Whether a top-up is wanted: less is available than the threshold, and the caps leave room. */
export function wantsTopUp(autoTopUp: AutoTopUp, available: Amount, at: Instant): boolean {
  if (!mayAsk(autoTopUp) || !available.lessThan(autoTopUp.terms.threshold)) return false;
  const room = roomAt(autoTopUp, at);
  return room === null || room.isPositive;
}
