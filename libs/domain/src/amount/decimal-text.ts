/** Reading and writing a count of 10⁻¹² as a plain decimal text. Hot path: every usage event passes here. */

const FRACTION_DIGITS = 12;
const WHOLE_DIGITS = 18;
const ONE = 10n ** 12n;
const ZERO_CODE = 48;
const MINUS = 45;
const POINT = 46;

/** 10^0 … 10^12, to scale a text with fewer than 12 fraction digits. */
const POWERS = Array.from({ length: FRACTION_DIGITS + 1 }, (_, power) => 10n ** BigInt(power));

/** Up to this many digits a JS number holds the integer exactly, and building a BigInt from one is cheap. */
const SAFE_DIGITS = 15;

/** Undefined for anything but `-?d{1,18}(.d{1,12})?`. */
export function parseUnits(text: string): bigint | undefined {
  const length = text.length;
  const negative = text.charCodeAt(0) === MINUS;
  const start = negative ? 1 : 0;
  // The longest acceptable text; also keeps a megabyte of zeros from being scanned.
  if (length - start > WHOLE_DIGITS + 1 + FRACTION_DIGITS) return undefined;
  let point = -1;
  let small = 0;
  for (let at = start; at < length; at++) {
    const digit = text.charCodeAt(at) - ZERO_CODE;
    if (digit >= 0 && digit <= 9) small = small * 10 + digit;
    else if (digit === POINT - ZERO_CODE && point < 0) point = at;
    else return undefined;
  }
  const wholeEnd = point < 0 ? length : point;
  const whole = wholeEnd - start;
  const fraction = point < 0 ? 0 : length - point - 1;
  if (whole < 1 || whole > WHOLE_DIGITS || fraction > FRACTION_DIGITS || (point >= 0 && fraction < 1))
    return undefined;
  // `small` is exact only up to 15 digits; a longer text is read again by BigInt itself.
  const digits =
    whole + fraction <= SAFE_DIGITS
      ? BigInt(small)
      : BigInt(fraction === 0 ? text.slice(start) : text.slice(start, point) + text.slice(point + 1));
  const units = digits * (POWERS[FRACTION_DIGITS - fraction] ?? 1n);
  return negative ? -units : units;
}

export function formatUnits(units: bigint): string {
  if (units < 0n) return `-${formatUnits(-units)}`;
  const whole = units / ONE;
  const fraction = units - whole * ONE;
  if (fraction === 0n) return whole.toString();
  // ONE + fraction has 13 digits, of which the leading 1 keeps the zeros after the point.
  let digits = (ONE + fraction).toString();
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === ZERO_CODE) end--;
  digits = digits.slice(1, end);
  return `${whole.toString()}.${digits}`;
}
