import { Amount } from '../amount/index.js';
import { ExactDecimal, roundHalfUp, toExactDecimal } from '../amount/exact-decimal.js';
import { minorDigits } from './currency.js';
import type { PriceModel, PriceSchedule, PriceTier } from './schedule.js';

/** A price that explains itself. Σ lines = subtotal; subtotal + tax = total. */
export interface Quote {
  readonly quantity: Amount;
  readonly currency: string;
  /** Rounded half-up to the currency's minor unit, as is `tax`. */
  readonly subtotal: Amount;
  readonly taxPercent: Amount | null;
  readonly tax: Amount;
  readonly total: Amount;
  readonly lines: readonly QuoteLine[];
}

export interface QuoteLine {
  /** `rounding` is what rounding the sum added or took; it is there only when that is not zero. */
  readonly kind: 'tier' | 'flatFee' | 'rounding';
  /** Place of the tier in the schedule, from 0; null for rounding. */
  readonly tier: number | null;
  /** In words a finance team can check: `over 1000 to 5000: 4000 × 0.2`. */
  readonly description: string;
  /** Units priced by this line: the tier's share; 0 for rounding. */
  readonly quantity: Amount;
  /** In the currency, exact to 12 decimals. */
  readonly amount: Amount;
}

interface PricedLine extends Omit<QuoteLine, 'amount'> {
  readonly exact: ExactDecimal;
}

/**
 * Prices a quantity (0 or more). Nothing is rounded before the end: the exact sum is rounded once to the
 * subtotal, and the tax on the exact sum is rounded once to the tax, both half-up to the currency's minor unit,
 * so that the tax never carries the subtotal's rounding.
 * @throws RangeError for a negative quantity, an unknown currency, or tiers that do not cover the quantity
 * @throws AmountOverflow for a price of more than 18 digits before the point
 */
export function quote(schedule: PriceSchedule, quantity: Amount): Quote {
  if (quantity.isNegative) throw new RangeError(`quantity must not be negative: ${quantity.toString()}`);
  const decimals = minorDigits(schedule.currency);
  if (decimals === undefined) throw new RangeError(`not an ISO 4217 currency: ${schedule.currency}`);

  const priced = sharesOf(schedule, quantity).flatMap(({ tier, index, share }) =>
    tierLines(schedule, tier, index, share),
  );
  const exactSubtotal = priced.reduce((sum, line) => sum.plus(line.exact), new ExactDecimal(0));
  const subtotal = roundHalfUp(exactSubtotal, decimals);
  const tax =
    schedule.taxPercent === null
      ? Amount.zero
      : roundHalfUp(exactSubtotal.times(toExactDecimal(schedule.taxPercent)).dividedBy(100), decimals);

  const lines = priced.map(({ exact, ...line }): QuoteLine => ({ ...line, amount: roundHalfUp(exact, 12) }));
  const rounding = subtotal.minus(Amount.sum(lines.map((line) => line.amount)));
  if (!rounding.isZero) {
    const description = `rounded half-up to ${decimals} decimals (${schedule.currency})`;
    lines.push({ kind: 'rounding', tier: null, description, quantity: Amount.zero, amount: rounding });
  }
  return {
    quantity,
    currency: schedule.currency,
    subtotal,
    taxPercent: schedule.taxPercent,
    tax,
    total: subtotal.plus(tax),
    lines,
  };
}

interface Share {
  readonly tier: PriceTier;
  readonly index: number;
  readonly share: Amount;
}

/** Which tiers price how much of the quantity. Nothing costs nothing. */
function sharesOf(schedule: PriceSchedule, quantity: Amount): readonly Share[] {
  if (quantity.isZero) return [];
  const shares: Share[] = [];
  let covered = Amount.zero;
  for (const [index, tier] of schedule.tiers.entries()) {
    const reached = tier.lastUnit === null ? quantity : Amount.min(quantity, tier.lastUnit);
    const last = reached.equals(quantity);
    if (schedule.kind === 'graduated') shares.push({ tier, index, share: reached.minus(covered) });
    else if (last) shares.push({ tier, index, share: quantity });
    if (last) return shares;
    covered = reached;
  }
  throw new RangeError(`the tiers end at ${covered.toString()} and do not cover ${quantity.toString()}`);
}

function tierLines(
  schedule: PriceSchedule,
  tier: PriceTier,
  index: number,
  share: Amount,
): readonly PricedLine[] {
  const range = rangeOf(schedule, tier, index);
  const { exact, words } = priceOf(tier, share);
  const lines: PricedLine[] = [
    { kind: 'tier', tier: index, description: `${range}: ${words}`, quantity: share, exact },
  ];
  if (tier.flatFee !== null && !tier.flatFee.isZero) {
    lines.push({
      kind: 'flatFee',
      tier: index,
      description: `${range}: flat fee ${tier.flatFee.toString()}`,
      quantity: share,
      exact: toExactDecimal(tier.flatFee),
    });
  }
  return lines;
}

function rangeOf(schedule: PriceSchedule, tier: PriceTier, index: number): string {
  const from = schedule.tiers[index - 1]?.lastUnit ?? Amount.zero;
  return tier.lastUnit === null
    ? `over ${from.toString()}`
    : `over ${from.toString()} to ${tier.lastUnit.toString()}`;
}

function priceOf(model: PriceModel, share: Amount): { exact: ExactDecimal; words: string } {
  switch (model.model) {
    case 'perUnit':
      return {
        exact: toExactDecimal(share).times(toExactDecimal(model.unitPrice)),
        words: `${share.toString()} × ${model.unitPrice.toString()}`,
      };
    case 'perPackage': {
      const packages = packagesFor(share, model.packageSize);
      return {
        exact: new ExactDecimal(packages.toString()).times(toExactDecimal(model.packagePrice)),
        words: `${packages.toString()} packages of ${model.packageSize.toString()} × ${model.packagePrice.toString()}`,
      };
    }
    case 'flat':
      return { exact: toExactDecimal(model.flatPrice), words: `flat ${model.flatPrice.toString()}` };
    case 'percentage':
      return {
        exact: toExactDecimal(share).times(toExactDecimal(model.percent)).dividedBy(100),
        words: `${model.percent.toString()} % of ${share.toString()}`,
      };
  }
}

/** ceil(share ÷ size), in whole numbers: a division that rounds first could charge a package too many. */
function packagesFor(share: Amount, size: Amount): bigint {
  if (!size.isPositive) throw new RangeError(`package size must be positive: ${size.toString()}`);
  return (share.units + size.units - 1n) / size.units;
}
