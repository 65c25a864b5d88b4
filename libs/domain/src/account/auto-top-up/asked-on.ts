import type { Amount } from '../../amount/index.js';
import type { Instant } from '../../time/index.js';
import type { AutoTopUp } from '../state.js';
import { calendarDay, calendarMonth } from './caps.js';

/**
 * What has been asked for on a day and in its month, with so much more.
 * @throws AmountOverflow
 */
export function askedWith(
  askedOn: AutoTopUp['askedOn'],
  quantity: Amount,
  at: Instant,
): AutoTopUp['askedOn'] {
  const day = calendarDay(at);
  const month = calendarMonth(at);
  return {
    day,
    daily: askedOn.day === day ? askedOn.daily.plus(quantity) : quantity,
    month,
    monthly: askedOn.month === month ? askedOn.monthly.plus(quantity) : quantity,
  };
}
