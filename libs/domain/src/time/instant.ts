declare const instantBrand: unique symbol;

/**
 * A moment, as the canonical text `2026-11-22T10:00:00.000Z`: UTC, exactly milliseconds, years 0001–9999.
 * Every instant has the same length and one spelling, so plain string comparison (`<`) is order in time.
 */
export type Instant = string & { readonly [instantBrand]: true };

/** A text that is not an RFC 3339 date-time, or a moment outside the years 0001–9999. */
export class InvalidInstant extends RangeError {
  override readonly name = 'InvalidInstant';
  constructor(readonly value: string) {
    super(`not an RFC 3339 date-time of the years 0001 to 9999: ${JSON.stringify(value.slice(0, 64))}`);
  }
}

const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;

const FIRST_MS = epochDay(1, 1, 1) * MS_PER_DAY;
const LAST_MS = epochDay(10_000, 1, 1) * MS_PER_DAY - 1;

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Any RFC 3339 date-time, with an offset and up to 9 fraction digits (what is finer than a millisecond is cut
 * off, so that an event is never placed after it happened). A leap second (23:59:60 UTC at the end of a month)
 * becomes the last millisecond before it.
 * @throws InvalidInstant
 */
export function instant(text: string): Instant {
  const canonical = readCanonical(text);
  if (canonical !== undefined) return text as Instant;
  const match = RFC_3339.exec(text);
  if (!match) throw new InvalidInstant(text);
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = '',
    sign,
    offsetHour = '0',
    offsetMinute = '0',
  ] = match;
  const days = dayOf(Number(year), Number(month), Number(day));
  const leap = second === '60';
  if (
    days === undefined ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    (Number(second) > 59 && !leap) ||
    Number(offsetHour) > 23 ||
    Number(offsetMinute) > 59
  ) {
    throw new InvalidInstant(text);
  }
  const offset =
    (Number(offsetHour) * MS_PER_HOUR + Number(offsetMinute) * MS_PER_MINUTE) * (sign === '-' ? -1 : 1);
  const minuteMs = days * MS_PER_DAY + Number(hour) * MS_PER_HOUR + Number(minute) * MS_PER_MINUTE - offset;
  if (leap && !isMonthStart(minuteMs + MS_PER_MINUTE)) throw new InvalidInstant(text);
  const withinMinute = leap
    ? MS_PER_MINUTE - 1
    : Number(second) * MS_PER_SECOND + Number(fraction.slice(0, 3).padEnd(3, '0'));
  return fromMs(minuteMs + withinMinute, text);
}

/** @throws InvalidInstant outside the years 0001–9999 or when `ms` is not an integer */
export function instantFromMs(ms: number): Instant {
  return fromMs(ms, undefined);
}

/** Whether the text is an instant already, in its one canonical spelling. */
export function isInstant(text: string): text is Instant {
  return readCanonical(text) !== undefined;
}

/** Milliseconds since 1970-01-01T00:00:00.000Z. */
export function toMs(at: Instant): number {
  const ms = readCanonical(at);
  if (ms === undefined) throw new InvalidInstant(at);
  return ms;
}

/** @throws InvalidInstant outside the years 0001–9999 */
export function plusMs(at: Instant, ms: number): Instant {
  return instantFromMs(toMs(at) + ms);
}

export function earlier(a: Instant, b: Instant): Instant {
  return b < a ? b : a;
}

export function later(a: Instant, b: Instant): Instant {
  return b > a ? b : a;
}

/** @param said the text it was read from, if any: a number's own is made for nobody but the error */
function fromMs(ms: number, said: string | undefined): Instant {
  if (!Number.isInteger(ms) || ms < FIRST_MS || ms > LAST_MS) throw new InvalidInstant(said ?? String(ms));
  const day = Math.floor(ms / MS_PER_DAY);
  const withinDay = ms - day * MS_PER_DAY;
  const minute = Math.floor(withinDay / MS_PER_MINUTE);
  const withinMinute = withinDay - minute * MS_PER_MINUTE;
  const second = Math.floor(withinMinute / MS_PER_SECOND);
  const text = `${dayText(day)}${MINUTES[minute]}${SECONDS[second]}${MILLIS[withinMinute - second * MS_PER_SECOND]}`;
  return text as Instant;
}

/* The parts of a text of which there are few, ready to be put together: a page of transactions has a hundred instants. */
const SECONDS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const MINUTES = Array.from({ length: 1440 }, (_, n) => `T${SECONDS[Math.floor(n / 60)]}:${SECONDS[n % 60]}:`);
const MILLIS = Array.from({ length: 1000 }, (_, n) => `.${String(n).padStart(3, '0')}Z`);

/** Days met lately, each in the place of its last bits: what is read together is mostly of few days. */
const DAYS = Array.from({ length: 64 }, () => ({ day: NaN, text: '' }));

function dayText(day: number): string {
  const place = day & (DAYS.length - 1);
  const known = DAYS[place];
  if (known?.day === day) return known.text;
  const text = new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
  DAYS[place] = { day, text };
  return text;
}

/** Milliseconds of a canonical text; undefined for any other text. Digit by digit: every event passes here. */
function readCanonical(text: string): number | undefined {
  if (text.length !== 24) return undefined;
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(10) !== 84 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58 ||
    text.charCodeAt(19) !== 46 ||
    text.charCodeAt(23) !== 90
  ) {
    return undefined;
  }
  const year = digits(text, 0, 4);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const milli = digits(text, 20, 23);
  const days = dayOf(year, digits(text, 5, 7), digits(text, 8, 10));
  // Comparisons are written so that NaN (not a digit) fails them.
  if (days === undefined || !(hour <= 23 && minute <= 59 && second <= 59 && milli <= 999)) return undefined;
  return days * MS_PER_DAY + hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND + milli;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Days since 1970-01-01, or undefined when there is no such day (or a part is NaN). Year 0 counts as no year. */
function dayOf(year: number, month: number, day: number): number | undefined {
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return undefined;
  if (day > 28 && day > daysInMonth(year, month)) return undefined;
  return epochDay(year, month, day);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar (Date.UTC would read year 50 as 1950). */
function epochDay(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function isMonthStart(ms: number): boolean {
  return new Date(ms).toISOString().endsWith('-01T00:00:00.000Z');
}
