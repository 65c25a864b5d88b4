import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { earlier, instant, instantFromMs, InvalidInstant, isInstant, later, plusMs, toMs } from './index.js';

const FIRST = '0001-01-01T00:00:00.000Z';
const LAST = '9999-12-31T23:59:59.999Z';
const everyMs = fc.integer({ min: Date.parse(FIRST), max: Date.parse(LAST) });

describe('instant', () => {
  it.each([
    ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00.000Z'],
    ['2026-11-22T10:00:00.000Z', '2026-11-22T10:00:00.000Z'],
    ['2026-11-22t10:00:00z', '2026-11-22T10:00:00.000Z'],
    ['2026-11-22T10:00:00.5Z', '2026-11-22T10:00:00.500Z'],
    ['2026-11-22T10:00:00.123456789Z', '2026-11-22T10:00:00.123Z'],
    ['2026-11-22T10:00:00.999999999Z', '2026-11-22T10:00:00.999Z'],
    ['2026-11-22T10:00:00+01:00', '2026-11-22T09:00:00.000Z'],
    ['2026-11-22T10:00:00.25-05:30', '2026-11-22T15:30:00.250Z'],
    ['2026-11-22T10:00:00-00:00', '2026-11-22T10:00:00.000Z'],
    ['2026-01-01T00:30:00+01:00', '2025-12-31T23:30:00.000Z'],
    ['2024-02-29T23:59:59.999Z', '2024-02-29T23:59:59.999Z'],
    ['0050-06-01T00:00:00Z', '0050-06-01T00:00:00.000Z'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999Z'],
    ['2017-01-01T00:59:60.5+01:00', '2016-12-31T23:59:59.999Z'],
    ['2026-11-22T23:59:00+23:59', '2026-11-22T00:00:00.000Z'],
    ['2000-02-29T12:00:00.000Z', '2000-02-29T12:00:00.000Z'],
    [FIRST, FIRST],
    [LAST, LAST],
  ])('reads %s as %s', (text, canonical) => {
    expect(instant(text)).toBe(canonical);
    expect(isInstant(text)).toBe(text === canonical);
  });

  it.each([
    '',
    '2026-11-22',
    '2026-11-22 10:00:00Z',
    '2026-11-22T10:00:00',
    '2026-11-22T10:00Z',
    '2026-11-22T10:00:00.Z',
    '2026-11-22T10:00:00.1234567890Z',
    '2026-11-22T10:00:00+0100',
    '2026-11-22T10:00:00+24:00',
    '2026-11-22T10:00:00+01:60',
    '2026-11-22T24:00:00Z',
    '2026-11-22T10:60:00Z',
    '2026-11-22T10:00:61Z',
    '2026-11-22T10:00:60Z',
    '2026-12-30T23:59:60Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-02-29T00:00:00.000Z',
    '2026-04-31T00:00:00.000Z',
    '1900-02-29T00:00:00.000Z',
    '2026-11-00T00:00:00.000Z',
    '0000-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '+002026-11-22T10:00:00Z',
    '-2026-11-22T10:00:00.00Z',
    '2026-11-22T10:00:00.00 Z',
    '2026-11-22T10:00:00.000Z\n',
    '٢٠٢٦-11-22T10:00:00.000Z',
    '2026/11-22T10:00:00.000Z',
    '2026-11/22T10:00:00.000Z',
    '2026-11-22 10:00:00.000Z',
    '2026-11-22T10.00:00.000Z',
    '2026-11-22T10:00.00.000Z',
    '2026-11-22T10:00:00:000Z',
    '2026-11-22T10:00:00.000U',
    '2026-11-22T24:00:00.000Z',
    '2026-11-22T10:60:00.000Z',
    '2026-11-22T10:00:60.000Z',
    '2026-06-31T10:00:00.000Z',
    '2026-09-31T10:00:00.000Z',
    '2026-11-31T10:00:00.000Z',
    'now',
  ])('refuses %j and names it', (text) => {
    expect(isInstant(text)).toBe(false);
    expect(() => instant(text)).toThrow(InvalidInstant);
    expect(() => instant(text)).toThrow(JSON.stringify(text));
  });

  it('agrees with Date on every moment of the years 1 to 9999, at any offset', () => {
    fc.assert(
      fc.property(everyMs, fc.integer({ min: -1439, max: 1439 }), (ms, offset) => {
        const at = instantFromMs(ms);
        expect(at).toBe(new Date(ms).toISOString());
        expect(isInstant(at)).toBe(true);
        expect(instant(at)).toBe(at);
        expect(toMs(at)).toBe(ms);
        const local = ms + offset * 60_000;
        if (local < Date.parse(FIRST) || local > Date.parse(LAST)) return;
        const sign = offset < 0 ? '-' : '+';
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const suffix = `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
        expect(instant(new Date(local).toISOString().replace('Z', suffix))).toBe(at);
      }),
      { numRuns: 1000 },
    );
  });

  it('knows which days there are', () => {
    const day = fc.tuple(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
    );
    fc.assert(
      fc.property(day, ([year, month, date]) => {
        const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(date, 2)}T12:00:00.000Z`;
        const parsed = new Date(Date.parse(text));
        const exists = !Number.isNaN(parsed.getTime()) && parsed.toISOString() === text;
        expect(isInstant(text)).toBe(exists);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('order in time', () => {
  it('is plain string comparison', () => {
    fc.assert(
      fc.property(everyMs, everyMs, (a, b) => {
        const [x, y] = [instantFromMs(a), instantFromMs(b)];
        expect(x < y).toBe(a < b);
        expect(earlier(x, y)).toBe(instantFromMs(Math.min(a, b)));
        expect(later(x, y)).toBe(instantFromMs(Math.max(a, b)));
      }),
    );
  });
});

describe('arithmetic', () => {
  it('adds milliseconds across days', () => {
    expect(plusMs(instant('2026-12-31T23:59:59.999Z'), 1)).toBe('2027-01-01T00:00:00.000Z');
  });

  it('is written as ECMAScript writes a date, whatever the day before it was', () => {
    fc.assert(
      fc.property(everyMs, (ms) => {
        expect(instantFromMs(ms)).toBe(new Date(ms).toISOString());
        expect(instantFromMs(ms)).toBe(new Date(ms).toISOString());
      }),
    );
  });

  it('names the number that is no instant', () => {
    expect(() => instantFromMs(1e15)).toThrow('"1000000000000000"');
  });

  it('refuses to leave the years 1 to 9999, and what is no whole millisecond', () => {
    expect(() => plusMs(instant(LAST), 1)).toThrow(InvalidInstant);
    expect(() => plusMs(instant(FIRST), -1)).toThrow(InvalidInstant);
    expect(() => instantFromMs(0.5)).toThrow(InvalidInstant);
    expect(() => instantFromMs(NaN)).toThrow(InvalidInstant);
  });
});

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
