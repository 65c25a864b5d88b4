const UNITS_PER_CREDIT = 10n ** 12n;

/** A count of 10⁻¹² as a decimal text, for findings. */
export function text(units: bigint): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(13, '0');
  return `${sign}${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, '');
}

/**
 * quantity × cost (both in 10⁻¹²) rounded half-even to `scale` decimals, in 10⁻¹². Neither is negative. Apart from
 * the domain's own rounding on purpose.
 */
export function rounded(quantity: bigint, cost: bigint, scale: number): bigint {
  const step = 10n ** BigInt(12 - scale);
  const exact = quantity * cost;
  const unit = UNITS_PER_CREDIT * step;
  const down = exact / unit;
  const rest = 2n * (exact % unit);
  const up = rest > unit || (rest === unit && down % 2n === 1n);
  return (up ? down + 1n : down) * step;
}
