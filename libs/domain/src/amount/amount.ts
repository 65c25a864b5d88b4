import { AmountOverflow, InvalidAmount } from './errors.js';
import { formatUnits, isCanonical, parseUnits } from './decimal-text.js';

/** 18 digits before the point and 12 after: the first count of units that no longer fits. */
const LIMIT = 10n ** 30n;

/**
 * An exact decimal number of credits, units or money: at most 18 digits before the point and 12 after.
 * Immutable. Inside it is a count of 10⁻¹², so that sums and comparisons never round and cost one BigInt
 * operation.
 */
export class Amount {
  static readonly zero = new Amount(0n);

  /** Most amounts are written more than once: in the event, the answer, the snapshot. */
  #text: string | undefined;

  private constructor(
    /** How many 10⁻¹² this is. For arithmetic within the amount folder and rating; others use the methods. */
    readonly units: bigint,
  ) {}

  /**
   * Reads `-?digits[.digits]` and nothing else: no exponent, no '+', no spaces, no '.5'. Leading and trailing
   * zeros are dropped (but count against the limit of digits).
   * @throws InvalidAmount naming the text
   */
  static parse(text: string): Amount {
    const amount = Amount.tryParse(text);
    if (amount === undefined) throw new InvalidAmount(text);
    return amount;
  }

  /** As `parse`, but undefined for what is no amount. */
  static tryParse(text: string): Amount | undefined {
    const units = parseUnits(text);
    if (units === undefined) return undefined;
    if (units === 0n) return Amount.zero;
    const amount = new Amount(units);
    if (isCanonical(text)) amount.#text = text;
    return amount;
  }

  /** Whether `Amount.parse` would accept the text. */
  static isValid(text: string): boolean {
    return parseUnits(text) !== undefined;
  }

  /**
   * From a count of 10⁻¹².
   * @throws AmountOverflow
   */
  static ofUnits(units: bigint): Amount {
    if (units >= LIMIT || units <= -LIMIT) throw new AmountOverflow(formatUnits(units));
    return units === 0n ? Amount.zero : new Amount(units);
  }

  /** @throws AmountOverflow (for the total, whatever the order of the list) */
  static sum(amounts: Iterable<Amount>): Amount {
    let total = 0n;
    for (const amount of amounts) total += amount.units;
    return Amount.ofUnits(total);
  }

  static min(first: Amount, ...rest: readonly Amount[]): Amount {
    return rest.reduce((least, amount) => (amount.units < least.units ? amount : least), first);
  }

  static max(first: Amount, ...rest: readonly Amount[]): Amount {
    return rest.reduce((most, amount) => (amount.units > most.units ? amount : most), first);
  }

  /** @throws AmountOverflow */
  plus(other: Amount): Amount {
    // Most wallets have one kind of credits: what is left as it is keeps the text that it was written as.
    if (other.isZero) return this;
    if (this.isZero) return other;
    return Amount.ofUnits(this.units + other.units);
  }

  /** @throws AmountOverflow */
  minus(other: Amount): Amount {
    if (other.isZero) return this;
    return Amount.ofUnits(this.units - other.units);
  }

  negated(): Amount {
    return this.units === 0n ? this : new Amount(-this.units);
  }

  /** Negative, zero or positive, as for Array.prototype.sort. */
  compare(other: Amount): -1 | 0 | 1 {
    return this.units < other.units ? -1 : this.units > other.units ? 1 : 0;
  }

  equals(other: Amount): boolean {
    return this.units === other.units;
  }

  lessThan(other: Amount): boolean {
    return this.units < other.units;
  }

  greaterThan(other: Amount): boolean {
    return this.units > other.units;
  }

  get isZero(): boolean {
    return this.units === 0n;
  }

  get isPositive(): boolean {
    return this.units > 0n;
  }

  get isNegative(): boolean {
    return this.units < 0n;
  }

  /** The one canonical text: no exponent, no trailing zeros, never `-0`. */
  toString(): string {
    return (this.#text ??= formatUnits(this.units));
  }

  toJSON(): string {
    return this.toString();
  }
}
