/**
 * The model's own calendar: wall clocks out of Intl.DateTimeFormat and nothing else. Slow and plain on purpose;
 * it shares no code with the ledger, which counts with Temporal.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface Interval {
  readonly unit: 'hour' | 'day' | 'week' | 'month' | 'year';
  readonly count: number;
}

/** Where period `index` of an interval begins (milliseconds since the epoch), counted from its anchor. */
export function boundary(anchor: number, interval: Interval, zone: string, index: number): number {
  const steps = index * interval.count;
  if (steps === 0) return anchor;
  switch (interval.unit) {
    case 'hour':
      return anchor + steps * HOUR;
    case 'day':
      return instantOf(wallClock(anchor, zone) + steps * DAY, zone);
    case 'week':
      return instantOf(wallClock(anchor, zone) + steps * 7 * DAY, zone);
    case 'month':
      return instantOf(plusMonths(wallClock(anchor, zone), steps), zone);
    case 'year':
      return instantOf(plusMonths(wallClock(anchor, zone), steps * 12), zone);
  }
}

/** An ISO 8601 duration of whole components after an instant: years and months, then days, then elapsed time. */
export function plusDuration(at: number, duration: string, zone: string): number {
  const match = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(
    duration,
  );
  if (!match) throw new Error(`the model cannot read the duration ${duration}`);
  const part = (group: number) => Number(match[group] ?? 0);
  const months = part(1) * 12 + part(2);
  const days = part(3) * 7 + part(4);
  const elapsed = part(5) * HOUR + part(6) * 60_000 + part(7) * 1000;
  if (months === 0 && days === 0) return at + elapsed;
  return instantOf(plusMonths(wallClock(at, zone), months) + days * DAY, zone) + elapsed;
}

/** What the clock on the wall shows, written down as if it were UTC. */
function wallClock(at: number, zone: string): number {
  return at + offset(at, zone);
}

/** When the clock shows this: the first time of two, and moved on by the gap where it is skipped. */
function instantOf(wall: number, zone: string): number {
  const before = offset(wall - DAY, zone);
  const after = offset(wall + DAY, zone);
  if (offset(wall - before, zone) === before) return wall - before;
  if (offset(wall - after, zone) === after) return wall - after;
  return wall - before;
}

/** The same day of a later month, or that month's last day. */
function plusMonths(wall: number, months: number): number {
  const date = new Date(wall);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const next = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 1);
  const lastDay = new Date(next - DAY).getUTCDate();
  return (
    first.getTime() + (Math.min(date.getUTCDate(), lastDay) - 1) * DAY + (wall - Math.floor(wall / DAY) * DAY)
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Offsets change on quarters of an hour only. */
const QUARTER = 900_000;
const offsets = new Map<string, number>();

/** How far the zone's wall clock is ahead of UTC. */
function offset(at: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const quarter = Math.floor(at / QUARTER);
  const key = `${zone}/${quarter}`;
  let known = offsets.get(key);
  if (known === undefined) {
    if (offsets.size > 200_000) offsets.clear();
    offsets.set(key, (known = askIntl(quarter * QUARTER, zone)));
  }
  return known;
}

function askIntl(at: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const shown = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - at;
}
