import { AmountOverflow } from '../../amount/index.js';

/**
 * What a calculation comes to; undefined: more than can be counted. Whoever has its usage recorded did not ask for the
 * credits that are calculated with, and must not be refused for them.
 */
export function whereCountable<T>(calculate: () => T): T | undefined {
  try {
    return calculate();
  } catch (error) {
    if (error instanceof AmountOverflow) return undefined;
    throw error;
  }
}
