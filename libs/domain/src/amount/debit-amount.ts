import { Amount } from './amount.js';

const MAX_SCALE = 12;
/** A product of two counts of 10⁻¹² is a count of 10⁻²⁴; by scale, how many of those make one step. */
const STEPS = Array.from({ length: MAX_SCALE + 1 }, (_, scale) => 10n ** BigInt(24 - scale));
const STEP_UNITS = Array.from({ length: MAX_SCALE + 1 }, (_, scale) => 10n ** BigInt(MAX_SCALE - scale));

/**
 * The credits one usage event costs: `quantity × creditCost`, rounded once, half to even, to the credit
 * system's scale (0–12 decimals). Half to even, so that many small debits do not drift to one side.
 * @throws AmountOverflow when the product needs more than 18 digits before the point
 * @throws RangeError when the scale is not an integer from 0 to 12
 */
export function debitAmount(quantity: Amount, creditCost: Amount, scale: number): Amount {
  const step = STEPS[scale];
  const unitsPerStep = STEP_UNITS[scale];
  if (step === undefined || unitsPerStep === undefined)
    throw new RangeError(`scale must be 0 to 12: ${scale}`);
  return Amount.ofUnits(divideHalfEven(quantity.units * creditCost.units, step) * unitsPerStep);
}

function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const remainder = dividend - quotient * divisor;
  if (remainder === 0n) return quotient;
  const twice = 2n * (remainder < 0n ? -remainder : remainder);
  if (twice < divisor || (twice === divisor && quotient % 2n === 0n)) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}
