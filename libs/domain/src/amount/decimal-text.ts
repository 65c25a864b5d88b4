/** Reading and writing a count of 10⁻¹² as a plain decimal text. Hot path: every usage event passes here. */

const FRACTION_DIGITS = 12;
const WHOLE_DIGITS = 18;
const ONE_AS_NUMBER = 1e12;
const ONE = 10n ** 12n;
const ZERO_CODE = 48;
const MINUS = 45;
const POINT = 46;

/** 10^0 … 10^12, to bring a fraction with fewer digits to 12. */
const POWERS = Array.from({ length: FRACTION_DIGITS + 1 }, (_, power) => 10 ** power);

/** Up to this many digits a JS number holds the integer exactly, and building a BigInt from one is cheap. */
const SAFE_DIGITS = 15;

const ZEROS = '0'.repeat(FRACTION_DIGITS);

/** Undefined for anything but `-?d{1,18}(.d{1,12})?`. */
export function parseUnits(text: string): bigint | undefined {
  const length = text.length;
  const negative = text.charCodeAt(0) === MINUS;
  const start = negative ? 1 : 0;
  // The longest acceptable text; also keeps a megabyte of zeros from being scanned.
  if (length - start > WHOLE_DIGITS + 1 + FRACTION_DIGITS) return undefined;
  let point = -1;
  let whole = 0;
  let fraction = 0;
  for (let at = start; at < length; at++) {
    const digit = text.charCodeAt(at) - ZERO_CODE;
    if (digit >= 0 && digit <= 9) {
      if (point < 0) whole = whole * 10 + digit;
      else fraction = fraction * 10 + digit;
    } else if (digit === POINT - ZERO_CODE && point < 0) point = at;
    else return undefined;
  }
  const wholeEnd = point < 0 ? length : point;
  const wholeDigits = wholeEnd - start;
  const fractionDigits = point < 0 ? 0 : length - point - 1;
  if (
    wholeDigits < 1 ||
    wholeDigits > WHOLE_DIGITS ||
    fractionDigits > FRACTION_DIGITS ||
    (point >= 0 && fractionDigits < 1)
  )
    return undefined;
  // 12 digits, and so exact.
  fraction *= POWERS[FRACTION_DIGITS - fractionDigits] ?? 1;
  const units = unitsOf(text, start, wholeEnd, whole, fraction);
  return negative ? -units : units;
}

/** `whole` is exact only up to 15 digits; a longer one is read again by BigInt itself. */
function unitsOf(text: string, start: number, wholeEnd: number, whole: number, fraction: number): bigint {
  const digits = wholeEnd - start;
  if (digits <= SAFE_DIGITS - FRACTION_DIGITS) return BigInt(whole * ONE_AS_NUMBER + fraction);
  const units = (digits <= SAFE_DIGITS ? BigInt(whole) : BigInt(text.slice(start, wholeEnd))) * ONE;
  return fraction === 0 ? units : units + BigInt(fraction);
}

/** Whether an acceptable text is the one that `formatUnits` makes of its units. */
export function isCanonical(text: string): boolean {
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  const point = text.indexOf('.', start);
  if (text.charCodeAt(start) === ZERO_CODE) {
    // A leading zero stands alone before the point, and so never in what is nothing but a negative zero.
    if (point < 0) return text.length === 1;
    if (point !== start + 1) return false;
  }
  return point < 0 || text.charCodeAt(text.length - 1) !== ZERO_CODE;
}

export function formatUnits(units: bigint): string {
  if (units < 0n) return `-${formatUnits(-units)}`;
  if (units === 0n) return '0';
  const digits = units.toString();
  const point = digits.length - FRACTION_DIGITS;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === ZERO_CODE) end--;
  if (point <= 0) return `0.${ZEROS.slice(0, -point)}${digits.slice(0, end)}`;
  return end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
}
