import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDuration,
  instant,
  instantFromMs,
  InvalidDuration,
  InvalidInstant,
  isResetInterval,
  isTimeZone,
  period,
  periodIndexAt,
  plusMs,
  toMs,
  type Instant,
  type IntervalUnit,
  type ResetInterval,
} from './index.js';

const every = (count: number, unit: IntervalUnit): ResetInterval => ({ unit, count });
const HOUR = 3_600_000;

/** Starts of the periods with these indexes. */
function starts(
  anchor: string,
  interval: ResetInterval,
  timeZone: string,
  indexes: readonly number[],
): string[] {
  return indexes.map((index) => period(instant(anchor), interval, timeZone, index).start);
}

describe('period', () => {
  it('clamps month ends to the anchor day and comes back to it', () => {
    expect(starts('2026-01-31T10:00:00Z', every(1, 'month'), 'UTC', [0, 1, 2, 3, 13, 25])).toEqual([
      '2026-01-31T10:00:00.000Z',
      '2026-02-28T10:00:00.000Z',
      '2026-03-31T10:00:00.000Z',
      '2026-04-30T10:00:00.000Z',
      '2027-02-28T10:00:00.000Z',
      '2028-02-29T10:00:00.000Z',
    ]);
  });

  it('renews a leap day on 28 February, and on 29 February when there is one', () => {
    expect(starts('2024-02-29T00:00:00Z', every(1, 'year'), 'UTC', [0, 1, 4])).toEqual([
      '2024-02-29T00:00:00.000Z',
      '2025-02-28T00:00:00.000Z',
      '2028-02-29T00:00:00.000Z',
    ]);
  });

  it('keeps the time on the wall clock through DST: the day is 23 or 25 hours long', () => {
    // Berlin: 29 March and 25 October 2026.
    const spring = period(instant('2026-03-28T11:00:00Z'), every(1, 'day'), 'Europe/Berlin', 0);
    expect(spring).toEqual({ index: 0, start: '2026-03-28T11:00:00.000Z', end: '2026-03-29T10:00:00.000Z' });
    const autumn = period(instant('2026-10-24T10:00:00Z'), every(1, 'day'), 'Europe/Berlin', 0);
    expect(toMs(autumn.end) - toMs(autumn.start)).toBe(25 * HOUR);
  });

  it('moves a time that is skipped on by the gap, for that day only', () => {
    // New York: 02:30 does not exist on 8 March 2026.
    expect(starts('2026-03-07T07:30:00Z', every(1, 'day'), 'America/New_York', [0, 1, 2])).toEqual([
      '2026-03-07T07:30:00.000Z',
      '2026-03-08T07:30:00.000Z',
      '2026-03-09T06:30:00.000Z',
    ]);
  });

  it('takes the first of a time that comes twice', () => {
    // New York: 01:30 comes twice on 1 November 2026, first at 05:30 UTC.
    expect(starts('2026-10-31T05:30:00Z', every(1, 'day'), 'America/New_York', [0, 1, 2])).toEqual([
      '2026-10-31T05:30:00.000Z',
      '2026-11-01T05:30:00.000Z',
      '2026-11-02T06:30:00.000Z',
    ]);
  });

  it('counts hours as elapsed time, through DST too', () => {
    expect(starts('2026-03-29T00:00:00Z', every(1, 'hour'), 'Europe/Berlin', [0, 1, 2, 24])).toEqual([
      '2026-03-29T00:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-29T02:00:00.000Z',
      '2026-03-30T00:00:00.000Z',
    ]);
  });

  it('counts months where the customer lives, not in UTC', () => {
    // 31 January 23:30 UTC is 1 February in Auckland.
    expect(starts('2026-01-31T23:30:00Z', every(1, 'month'), 'Pacific/Auckland', [1])).toEqual([
      '2026-02-28T23:30:00.000Z',
    ]);
  });

  it('counts any whole multiple of a unit', () => {
    expect(starts('2026-01-31T00:00:00Z', every(3, 'month'), 'UTC', [1, 2])).toEqual([
      '2026-04-30T00:00:00.000Z',
      '2026-07-31T00:00:00.000Z',
    ]);
    expect(starts('2026-01-01T00:00:00Z', every(2, 'week'), 'UTC', [1])).toEqual([
      '2026-01-15T00:00:00.000Z',
    ]);
  });

  it('gives a day that the zone skipped an empty period', () => {
    // Apia went from 29 to 31 December 2011.
    const skipped = period(instant('2011-12-29T10:00:00Z'), every(1, 'day'), 'Pacific/Apia', 1);
    expect(skipped.start).toBe(skipped.end);
  });

  it.each([
    ['a negative index', every(1, 'day'), 'UTC', -1],
    ['half an index', every(1, 'day'), 'UTC', 0.5],
    ['an interval of nothing', every(0, 'day'), 'UTC', 0],
    ['a broken interval', every(1.5, 'month'), 'UTC', 0],
    ['an unknown zone', every(1, 'hour'), 'Europe/Atlantis', 0],
    ['an unknown zone', every(1, 'day'), 'Europe/Atlantis', 0],
    ['the year 10000', every(1, 'year'), 'UTC', 7974],
    ['no calendar at all', every(1000, 'year'), 'UTC', 1e12],
  ])('refuses %s', (_, interval, timeZone, index) => {
    expect(() => period(instant('2026-01-01T00:00:00Z'), interval, timeZone, index)).toThrow(RangeError);
  });
});

describe('every series of periods', () => {
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Asia/Kolkata',
    'Pacific/Auckland',
    'Africa/Casablanca',
    'America/St_Johns',
  );
  const intervals = fc.record({
    unit: fc.constantFrom<IntervalUnit>('hour', 'day', 'week', 'month', 'year'),
    count: fc.integer({ min: 1, max: 13 }),
  });
  const anchors = fc
    .integer({ min: Date.parse('1990-01-01T00:00:00Z'), max: Date.parse('2060-01-01T00:00:00Z') })
    .map(instantFromMs);
  const series = fc.record({
    anchor: anchors,
    interval: intervals,
    zone: zones,
    index: fc.nat({ max: 150 }),
  });

  it('begins at the anchor, is contiguous and moves forward', () => {
    fc.assert(
      fc.property(series, ({ anchor, interval, zone, index }) => {
        expect(period(anchor, interval, zone, 0).start).toBe(anchor);
        const here = period(anchor, interval, zone, index);
        expect(here.index).toBe(index);
        expect(here.start < here.end).toBe(true);
        expect(period(anchor, interval, zone, index + 1).start).toBe(here.end);
      }),
    );
  });

  it('finds the period of any instant: start inclusive, end exclusive', () => {
    fc.assert(
      fc.property(
        series,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        ({ anchor, interval, zone, index }, part) => {
          const { start, end } = period(anchor, interval, zone, index);
          const inside = plusMs(start, Math.floor((toMs(end) - toMs(start)) * part));
          expect(periodIndexAt(anchor, interval, zone, inside)).toBe(index);
          expect(periodIndexAt(anchor, interval, zone, start)).toBe(index);
          expect(periodIndexAt(anchor, interval, zone, plusMs(end, -1))).toBe(index);
          expect(periodIndexAt(anchor, interval, zone, end)).toBe(index + 1);
        },
      ),
    );
  });

  it('keeps the anchor day of the month, or the last day of a shorter month', () => {
    fc.assert(
      fc.property(anchors, fc.integer({ min: 1, max: 200 }), (anchor, index) => {
        const { start } = period(anchor, every(1, 'month'), 'UTC', index);
        const anchorDay = dayOfMonth(anchor);
        const isMonthEnd = dayOfMonth(plusMs(start, 24 * HOUR)) === 1;
        expect(dayOfMonth(start) === anchorDay || (isMonthEnd && dayOfMonth(start) < anchorDay)).toBe(true);
        expect(start.slice(10)).toBe(anchor.slice(10));
      }),
    );
  });

  it('is not looked for in an interval of nothing', () => {
    const at = instant('2026-01-02T00:00:00Z');
    expect(() => periodIndexAt(instant('2026-01-01T00:00:00Z'), every(0, 'day'), 'UTC', at)).toThrow(
      'not a reset interval',
    );
  });

  it('has no period before the anchor', () => {
    const anchor = instant('2026-05-05T00:00:00Z');
    expect(periodIndexAt(anchor, every(1, 'day'), 'UTC', plusMs(anchor, -1))).toBe(-1);
    expect(periodIndexAt(anchor, every(1, 'hour'), 'UTC', plusMs(anchor, -1_000_000_000))).toBe(-1);
    expect(periodIndexAt(anchor, every(1, 'day'), 'UTC', anchor)).toBe(0);
  });

  it('finds an hour decades away', () => {
    const anchor = instant('1990-01-01T00:30:00Z');
    const index = periodIndexAt(anchor, every(1, 'hour'), 'Europe/Berlin', instant('2060-01-01T00:00:00Z'));
    expect(period(anchor, every(1, 'hour'), 'Europe/Berlin', index).start).toBe('2059-12-31T23:30:00.000Z');
  });
});

describe('addDuration', () => {
  it.each([
    ['2026-11-30T12:00:00Z', 'P3M', 'UTC', '2027-02-28T12:00:00.000Z'],
    ['2024-02-29T12:00:00Z', 'P1Y', 'UTC', '2025-02-28T12:00:00.000Z'],
    ['2026-03-28T11:00:00Z', 'P1D', 'Europe/Berlin', '2026-03-29T10:00:00.000Z'],
    ['2026-03-28T11:00:00Z', 'PT24H', 'Europe/Berlin', '2026-03-29T11:00:00.000Z'],
    ['2026-03-28T11:00:00Z', 'P1DT1H', 'Europe/Berlin', '2026-03-29T11:00:00.000Z'],
    ['2026-01-31T00:00:00Z', 'P1M1D', 'UTC', '2026-03-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00Z', 'P2W', 'UTC', '2026-01-15T00:00:00.000Z'],
    ['2026-01-01T00:00:00Z', 'P1M1W', 'UTC', '2026-02-08T00:00:00.000Z'],
    ['2026-01-01T00:00:00Z', 'PT0S', 'UTC', '2026-01-01T00:00:00.000Z'],
  ])('%s and %s in %s is %s', (at, duration, timeZone, expected) => {
    expect(addDuration(instant(at), duration, timeZone)).toBe(expected);
  });

  it('never goes back in time', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        fc.nat({ max: 400 }),
        fc.nat({ max: 2 ** 31 }),
        (months, days, seconds) => {
          const at = instantFromMs(seconds * 1000);
          const text = `P${months}M${days}D`;
          expect(addDuration(at, text, 'America/New_York') >= at).toBe(true);
        },
      ),
    );
  });

  it('refuses what is no duration, an unknown zone and the year 10000', () => {
    const at = instant('9000-01-01T00:00:00Z');
    expect(() => addDuration(at, '3 months', 'UTC')).toThrow(InvalidDuration);
    expect(() => addDuration(at, 'PT1H', 'Mars/Olympus')).toThrow(RangeError);
    expect(() => addDuration(at, 'P1000Y', 'UTC')).toThrow(InvalidInstant);
  });
});

describe('what counts as an interval or a zone', () => {
  it('accepts positive whole multiples up to a thousand years', () => {
    expect(isResetInterval(every(1000, 'year'))).toBe(true);
    expect(isResetInterval(every(1001, 'year'))).toBe(false);
    expect(isResetInterval(every(-1, 'day'))).toBe(false);
    expect(isResetInterval(every(Infinity, 'hour'))).toBe(false);
    expect(isResetInterval(JSON.parse('{"unit":"constructor","count":1}') as ResetInterval)).toBe(false);
  });

  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])(
    'knows the zone %s',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  it.each(['', '+01:00', 'Z', 'Europe/Atlantis', 'Europe/Berlin ', '../etc/passwd', 'x'.repeat(100_000)])(
    'knows no zone of another kind (case %#)',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );

  it('knows no zone that Intl knows and the calendar cannot compute with: PST, IST, JST', () => {
    const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const shortNames = letters.flatMap((first) => letters.map((second) => `${first}${second}T`));
    for (const name of shortNames.filter(isTimeZone)) {
      expect(() => period(instant('2026-01-01T00:00:00Z'), every(1, 'day'), name, 1)).not.toThrow();
    }
    expect(['PST', 'IST', 'JST', 'BST', 'CST'].filter(isTimeZone)).toEqual([]);
    expect(shortNames.filter(isTimeZone)).toEqual(expect.arrayContaining(['CET', 'EST', 'MST']));
  });
});

function dayOfMonth(at: Instant): number {
  return Number(at.slice(8, 10));
}
