import { Decimal } from 'decimal.js';
import { Amount } from './amount.js';

/**
 * decimal.js for prices, which multiply three amounts before they round once. 160 significant digits hold
 * such a product exactly (3 × 30 digits and a sum of many tiers); an exponent never appears in the text.
 */
export const ExactDecimal = Decimal.clone({
  precision: 160,
  rounding: Decimal.ROUND_HALF_UP,
  toExpNeg: -1000,
  toExpPos: 1000,
});
export type ExactDecimal = Decimal;

export function toExactDecimal(amount: Amount): ExactDecimal {
  return new ExactDecimal(amount.toString());
}

/**
 * Rounds half-up (away from zero) to `decimals` (0–12).
 * @throws AmountOverflow when 18 digits before the point do not suffice
 */
export function roundHalfUp(value: ExactDecimal, decimals: number): Amount {
  const units = value.toDecimalPlaces(decimals, Decimal.ROUND_HALF_UP).times('1e12');
  return Amount.ofUnits(BigInt(units.toFixed(0)));
}
