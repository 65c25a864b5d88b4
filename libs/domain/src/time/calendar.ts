import { Temporal } from 'temporal-polyfill';
import { parseDuration } from './duration.js';
import { instantFromMs, plusMs, toMs, type Instant } from './instant.js';
import { requireTimeZone } from './time-zone.js';

export type IntervalUnit = 'hour' | 'day' | 'week' | 'month' | 'year';

/** A whole multiple of a unit: every 2 weeks. */
export interface ResetInterval {
  readonly unit: IntervalUnit;
  /** A positive integer. */
  readonly count: number;
}

/** One period of a reset or billing interval; `end` is exclusive and the start of the next. */
export interface Period {
  /** 0 begins at the anchor. */
  readonly index: number;
  readonly start: Instant;
  readonly end: Instant;
}

const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 24 * MS_PER_HOUR;
/** Mean length of a unit, for estimates only. */
const MEAN_MS: Readonly<Record<IntervalUnit, number>> = {
  hour: MS_PER_HOUR,
  day: MS_PER_DAY,
  week: 7 * MS_PER_DAY,
  month: 30.436_875 * MS_PER_DAY,
  year: 365.2425 * MS_PER_DAY,
};
const MAX_INTERVAL_MS = 1000 * MEAN_MS.year;

/** Whether the interval is a positive whole multiple of a unit, and at most a thousand years. */
export function isResetInterval(interval: ResetInterval): boolean {
  return (
    Object.hasOwn(MEAN_MS, interval.unit) &&
    Number.isSafeInteger(interval.count) &&
    interval.count > 0 &&
    interval.count * MEAN_MS[interval.unit] <= MAX_INTERVAL_MS
  );
}

/**
 * The period with this index, counted from the anchor in the plan's time zone. Each boundary is computed from
 * the anchor and never from the period before, so that a month end is clamped to the anchor's day and comes
 * back (31 Jan → 28 Feb → 31 Mar). Days, weeks, months and years keep the anchor's time on the wall clock
 * through DST (a time that is skipped moves on by the gap, of a time that comes twice the first counts);
 * hours are exact elapsed time. Where a zone skipped a whole day, that day's period is empty.
 * @throws RangeError for a negative index, an interval that is none, an unknown zone, or beyond the year 9999
 */
export function period(anchor: Instant, interval: ResetInterval, timeZone: string, index: number): Period {
  if (!Number.isSafeInteger(index) || index < 0)
    throw new RangeError(`period index must be 0 or more: ${index}`);
  requireInterval(interval);
  return {
    index,
    start: instantFromMs(boundaryMs(anchor, interval, timeZone, index)),
    end: instantFromMs(boundaryMs(anchor, interval, timeZone, index + 1)),
  };
}

/**
 * Index of the period that contains `at`; -1 before the anchor, when there is no period yet.
 * @throws RangeError for an interval that is none, or an unknown zone
 */
export function periodIndexAt(
  anchor: Instant,
  interval: ResetInterval,
  timeZone: string,
  at: Instant,
): number {
  requireInterval(interval);
  if (at < anchor) return -1;
  const atMs = toMs(at);
  const length = interval.count * MEAN_MS[interval.unit];
  let index = Math.floor((atMs - toMs(anchor)) / length);
  // The estimate is off by at most one or two periods: months differ in length, and days by DST.
  while (index > 0 && boundaryMs(anchor, interval, timeZone, index) > atMs) index--;
  while (boundaryMs(anchor, interval, timeZone, index + 1) <= atMs) index++;
  return index;
}

/**
 * A calendar duration (ISO 8601: `P3M`, `P30D`, `PT12H`) after an instant, on the zone's wall clock: first years
 * and months (clamped to the month's last day), then weeks and days, then exact elapsed time.
 * @throws InvalidDuration; RangeError for an unknown zone, or beyond the year 9999
 */
export function addDuration(at: Instant, duration: string, timeZone: string): Instant {
  const { years, months, weeks, days, ms } = parseDuration(duration);
  requireTimeZone(timeZone);
  if (years + months + weeks + days === 0) return plusMs(at, ms);
  return instantFromMs(inZone(at, timeZone).add({ years, months, weeks, days }).epochMilliseconds + ms);
}

/** Where period `index` begins, in milliseconds; may lie beyond the year 9999. */
function boundaryMs(anchor: Instant, interval: ResetInterval, timeZone: string, index: number): number {
  const steps = index * interval.count;
  if (interval.unit === 'hour') {
    requireTimeZone(timeZone);
    return toMs(anchor) + steps * MS_PER_HOUR;
  }
  if (index === 0) {
    requireTimeZone(timeZone);
    return toMs(anchor);
  }
  const start = inZone(anchor, timeZone);
  switch (interval.unit) {
    case 'day':
      return start.add({ days: steps }).epochMilliseconds;
    case 'week':
      return start.add({ weeks: steps }).epochMilliseconds;
    case 'month':
      return start.add({ months: steps }).epochMilliseconds;
    case 'year':
      return start.add({ years: steps }).epochMilliseconds;
  }
}

/** The last anchors asked for; one settlement asks for many periods of few anchors. Bounded: the oldest goes. */
const zoned = new Map<string, Temporal.ZonedDateTime>();
const MAX_ZONED = 4096;

function inZone(at: Instant, timeZone: string): Temporal.ZonedDateTime {
  const key = `${at}${timeZone}`;
  const known = zoned.get(key);
  if (known) return known;
  requireTimeZone(timeZone);
  const dateTime = Temporal.Instant.fromEpochMilliseconds(toMs(at)).toZonedDateTimeISO(timeZone);
  if (zoned.size >= MAX_ZONED) {
    const oldest = zoned.keys().next();
    if (!oldest.done) zoned.delete(oldest.value);
  }
  zoned.set(key, dateTime);
  return dateTime;
}

function requireInterval(interval: ResetInterval): void {
  if (!isResetInterval(interval)) {
    throw new RangeError(`not a reset interval: every ${interval.count} ${interval.unit}`);
  }
}
