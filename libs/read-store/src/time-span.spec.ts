import { describe, expect, it } from '@jest/globals';
import { instantFromMs, toMs } from '#domain';
import { sampleTransaction } from './testing/samples.js';
import { revisionRanges, SPAN_LENGTH, spansOf, timeRangeOf } from './time-span.js';

const at = (ms: number) => instantFromMs(ms);

describe('time spans', () => {
  it('reach from the earliest to the latest of each stretch, and leave out the first', () => {
    const rows = [0, SPAN_LENGTH - 1, SPAN_LENGTH, SPAN_LENGTH + 1, 2 * SPAN_LENGTH - 1, 3 * SPAN_LENGTH].map(
      (revision, index) =>
        sampleTransaction('c1', revision, { occurredAt: at([9, 9, 5, 2, 7, 4][index] ?? 0) }),
    );
    expect(spansOf(rows)).toEqual([
      { stretch: 1, earliest: 2, latest: 7 },
      { stretch: 3, earliest: 4, latest: 4 },
    ]);
  });

  it('turn into ranges of revisions, newest first, joined, cut at the end, the first stretch always among them', () => {
    const S = SPAN_LENGTH;
    expect(revisionRanges([1, 5, 4, 7], 5 * S + 10)).toEqual([
      { from: 4 * S, before: 5 * S + 10 },
      { from: 0, before: 2 * S },
    ]);
    expect(revisionRanges([], 10)).toEqual([{ from: 0, before: 10 }]);
    expect(revisionRanges([3], 0)).toEqual([]);
  });

  it('cover every instant where a filter names none, and end before `to`', () => {
    const everything = timeRangeOf({ customerId: 'c1' });
    expect(at(everything.first)).toBe('0001-01-01T00:00:00.000Z');
    expect(at(everything.last)).toBe('9999-12-31T23:59:59.999Z');
    const from = at(1000);
    expect(timeRangeOf({ customerId: 'c1', from, to: at(2000) })).toEqual({ first: toMs(from), last: 1999 });
  });
});
