import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { hideAborted, type AbortedTransaction, type TransactionalRecord } from './aborted-records.js';

const record = (offset: number, producerId: string, key: Buffer | null = null): TransactionalRecord => ({
  offset: String(offset),
  key,
  isControlRecord: false,
  batchContext: { producerId, inTransaction: true },
});
const marker = (offset: number, producerId: string, type: 'abort' | 'commit'): TransactionalRecord => ({
  ...record(offset, producerId, Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])),
  isControlRecord: true,
});
const shown = (records: readonly TransactionalRecord[], aborted: readonly AbortedTransaction[]) =>
  hideAborted(records, aborted)
    .filter(({ isControlRecord }) => isControlRecord !== true)
    .map(({ offset }) => Number(offset));

describe('the records of aborted transactions', () => {
  it('are hidden also where transactions overlap, which a broker names by where they end', () => {
    const records = [
      record(0, 'a'),
      record(1, 'b'),
      record(2, 'a'),
      marker(3, 'b', 'abort'),
      record(4, 'a'),
      marker(5, 'a', 'abort'),
      record(6, 'a'),
      marker(7, 'a', 'commit'),
    ];
    const aborted = [
      { producerId: 'b', firstOffset: '1' },
      { producerId: 'a', firstOffset: '0' },
    ];
    expect(shown(records, aborted)).toEqual([6]);
    expect(shown(records, aborted.toReversed())).toEqual([6]);
  });

  it('are hidden where several transactions began before the first record of the fetch', () => {
    const aborted = ['a', 'b', 'c'].map((producerId, at) => ({ producerId, firstOffset: String(at) }));
    const records = [record(10, 'c'), record(11, 'b'), record(12, 'a'), record(13, 'd')];
    expect(shown(records, aborted)).toEqual([13]);
  });

  it('are hidden behind one that looks like the end of the transaction, and is only a key', () => {
    const records = [
      record(0, 'a'),
      record(1, 'a', Buffer.alloc(4)),
      record(2, 'a'),
      marker(3, 'a', 'abort'),
    ];
    expect(shown(records, [{ producerId: 'a', firstOffset: '0' }])).toEqual([]);
  });

  it('stay where they are, so that the last of a fetch tells how far it came', () => {
    const records = [record(0, 'a'), record(1, 'a')];
    const hidden = hideAborted(records, [{ producerId: 'a', firstOffset: '0' }]);
    expect(hidden.map(({ offset }) => offset)).toEqual(['0', '1']);
  });

  it('are those of their producer alone, in a transaction alone, and no messages of the old formats', () => {
    const outside = { ...record(1, 'a'), batchContext: { producerId: 'a', inTransaction: false } };
    const records = [record(0, 'b'), outside, { offset: '2', key: null }, record(3, 'a')];
    expect(shown(records, [{ producerId: 'a', firstOffset: '0' }])).toEqual([0, 1, 2]);
  });

  it('are not looked for where nothing was aborted', () => {
    const records = [record(0, 'a'), marker(1, 'a', 'abort')];
    expect(hideAborted(records, [])).toBe(records);
  });

  it('are hidden, and no others, however transactions follow and overlap one another', () => {
    const step = fc.record({
      producer: fc.constantFrom('a', 'b', 'c'),
      does: fc.constantFrom('send', 'send', 'send', 'abort', 'commit'),
      key: fc.constantFrom(null, Buffer.alloc(4), Buffer.from('k')),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat({ max: 40 }), (steps, from) => {
        const { records, aborted, kept } = logOf(steps);
        // A broker names those that end in the fetch or later, whenever they began.
        const named = aborted.filter(({ end }) => end >= from);
        expect(shown(records.slice(from), named)).toEqual(kept.filter((offset) => offset >= from));
      }),
      { numRuns: 300 },
    );
  });
});

interface Step {
  readonly producer: string;
  readonly does: string;
  readonly key: Buffer | null;
}

/** The log that producers write; whatever they have not ended in the end is committed. */
function logOf(steps: readonly Step[]) {
  const ends = ['a', 'b', 'c'].map((producer) => ({ producer, does: 'commit', key: null }));
  const open = new Map<string, number[]>();
  const aborted: (AbortedTransaction & { readonly end: number })[] = [];
  const kept: number[] = [];
  const records = [...steps, ...ends].map(({ producer, does, key }, offset) => {
    const sent = open.get(producer) ?? [];
    if (does === 'send') {
      open.set(producer, [...sent, offset]);
      return record(offset, producer, key);
    }
    open.delete(producer);
    if (does === 'commit') kept.push(...sent);
    else if (sent[0] !== undefined)
      aborted.push({ producerId: producer, firstOffset: String(sent[0]), end: offset });
    return marker(offset, producer, does === 'abort' ? 'abort' : 'commit');
  });
  return { records, aborted, kept: kept.sort((a, b) => a - b) };
}
