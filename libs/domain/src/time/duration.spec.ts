import { describe, expect, it } from '@jest/globals';
import { exactDurationMs, InvalidDuration, isDuration, isPositiveDuration, parseDuration } from './index.js';

const HOUR = 3_600_000;

describe('parseDuration', () => {
  it.each([
    ['P3M', { years: 0, months: 3, weeks: 0, days: 0, ms: 0 }],
    ['P30D', { years: 0, months: 0, weeks: 0, days: 30, ms: 0 }],
    ['PT12H', { years: 0, months: 0, weeks: 0, days: 0, ms: 12 * HOUR }],
    ['P1Y2M3W4DT5H6M7S', { years: 1, months: 2, weeks: 3, days: 4, ms: 5 * HOUR + 6 * 60_000 + 7_000 }],
    ['PT0S', { years: 0, months: 0, weeks: 0, days: 0, ms: 0 }],
  ])('reads %s', (text, duration) => {
    expect(parseDuration(text)).toEqual(duration);
  });

  it.each([
    '',
    'P',
    'PT',
    'P1',
    '3M',
    'P-3M',
    '-P3M',
    '+P3M',
    'P1.5D',
    'PT1,5H',
    'P1DT',
    'PT1D',
    'P1H',
    'p3m',
    'P3M ',
    'P1M1Y',
  ])('refuses %j and names it', (text) => {
    expect(isDuration(text)).toBe(false);
    expect(() => parseDuration(text)).toThrow(InvalidDuration);
    expect(() => parseDuration(text)).toThrow(JSON.stringify(text));
  });

  it('refuses what is longer than a thousand years', () => {
    expect(isDuration('P1000Y')).toBe(true);
    expect(isDuration('P1001Y')).toBe(false);
    expect(isDuration('P9999999Y')).toBe(false);
    // A month counts as 31 days here and a year as 366: the longest that each may be.
    expect([isDuration('P11806M'), isDuration('P11807M')]).toEqual([true, false]);
    expect([isDuration('P52285W'), isDuration('P52286W')]).toEqual([true, false]);
    expect([isDuration('P366000D'), isDuration('P366001D')]).toEqual([true, false]);
    expect([isDuration('P999Y366D'), isDuration('P999Y367D')]).toEqual([true, false]);
    expect([isDuration('P999Y11M'), isDuration('P999Y12M')]).toEqual([true, false]);
    expect([isDuration('P999Y52W'), isDuration('P999Y53W')]).toEqual([true, false]);
    expect(isDuration('PT999999999H')).toBe(false);
  });
});

describe('kinds of durations', () => {
  it('tells nothing from something', () => {
    expect(isPositiveDuration('PT1S')).toBe(true);
    expect(isPositiveDuration('P0D')).toBe(false);
    expect(isPositiveDuration('never')).toBe(false);
  });

  it('counts milliseconds only where no calendar is needed', () => {
    expect(exactDurationMs('PT1H')).toBe(HOUR);
    expect(exactDurationMs('P1W1DT1H')).toBe((8 * 24 + 1) * HOUR);
    expect(exactDurationMs('P1M')).toBeUndefined();
    expect(exactDurationMs('P1Y')).toBeUndefined();
    expect(exactDurationMs('an hour')).toBeUndefined();
  });
});
