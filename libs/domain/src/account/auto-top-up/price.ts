import { AmountOverflow, type Amount } from '../../amount/index.js';
import { quote, type PriceSchedule, type Quote } from '../../rating/index.js';

/**
 * What credits that are asked for would cost. Undefined: more than can be counted. Whoever has its usage recorded did
 * not ask for them, and must not be refused for it.
 */
export function priceOf(schedule: PriceSchedule, quantity: Amount): Quote | undefined {
  try {
    return quote(schedule, quantity);
  } catch (error) {
    if (error instanceof AmountOverflow) return undefined;
    throw error;
  }
}
