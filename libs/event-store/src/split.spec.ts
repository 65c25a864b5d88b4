import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { APPEND_LIMIT_BYTES, appendBytes, eventBytes } from './append-size.js';
import type { NewEvent } from './port.js';
import { splitBySize } from './split.js';
import { anEvent } from './testing/events.js';

const sized = (bytes: number): NewEvent => anEvent('', { type: 'T', data: new Uint8Array(bytes - 2) });

describe('splitBySize', () => {
  it('counts data, metadata and twice the length of the type', () => {
    const event = anEvent('', { type: 'Größe', data: new Uint8Array(7), metadata: new Uint8Array(5) });
    expect(eventBytes(event)).toBe(7 + 5 + 10);
  });

  it('makes no append of nothing and one of what fits', () => {
    expect(splitBySize([])).toEqual([]);
    expect(splitBySize([[], []])).toEqual([]);
    const units = [[sized(10)], [sized(20), sized(30)]];
    expect(splitBySize(units)).toEqual([units.flat()]);
  });

  it('stays below the default limit with room to spare', () => {
    const units = Array.from({ length: 12 }, () => [sized(100_000)]);
    for (const append of splitBySize(units))
      expect(appendBytes(append)).toBeLessThan(APPEND_LIMIT_BYTES - 1000);
  });

  it('leaves a unit that is over the limit by itself, wherever it stands', () => {
    const large = [sized(60), sized(60)];
    const [small, last] = [[sized(10)], [sized(20)]];
    expect(splitBySize([small, large, last], 100)).toEqual([small, large, last]);
    expect(splitBySize([large, small, last], 100)).toEqual([large, [...small, ...last]]);
    expect(splitBySize([small, large], 0)).toEqual([small, large]);
  });

  it('keeps order and units, wastes no append, and never passes the limit', () => {
    const unit = fc.array(fc.integer({ min: 2, max: 40 }), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), fc.integer({ min: 120, max: 300 }), (sizes, limit) => {
        const units = sizes.map((bytes) => bytes.map(sized));
        const appends = splitBySize(units, limit);
        expect(appends.flat()).toEqual(units.flat());
        appends.forEach((append, i) => {
          expect(appendBytes(append)).toBeLessThanOrEqual(limit);
          const firstOfNext = appends[i + 1]?.[0];
          const nextUnit = units.find((events) => firstOfNext !== undefined && events[0] === firstOfNext);
          if (nextUnit) expect(appendBytes(append) + appendBytes(nextUnit)).toBeGreaterThan(limit);
          for (const events of units) {
            const inside = events.filter((event) => append.includes(event)).length;
            expect([0, events.length]).toContain(inside);
          }
        });
      }),
    );
  });
});
