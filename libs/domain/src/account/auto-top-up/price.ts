import type { Amount } from '../../amount/index.js';
import { quote, type PriceSchedule, type Quote } from '../../rating/index.js';
import { whereCountable } from './countable.js';

/** What credits that are asked for would cost. Undefined: more than can be counted. */
export function priceOf(schedule: PriceSchedule, quantity: Amount): Quote | undefined {
  return whereCountable(() => quote(schedule, quantity));
}
