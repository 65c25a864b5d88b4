import { describe, expect, it } from '@jest/globals';
import { APPEND_LIMIT_BYTES } from '../../append-size.js';
import { AppendOutcomeUnknown, AppendTooLarge, WrongExpectedRevision } from '../../errors.js';
import { NO_STREAM } from '../../port.js';
import { withAmbiguityRetry } from '../../retrying.js';
import { splitBySize } from '../../split.js';
import { anEvent, someEvents } from '../events.js';
import { all, sideBySide } from './collecting.js';
import type { Suite } from './suite.js';

export function appendContract({ underTest, store, fresh, start }: Suite): void {
  describe('append', () => {
    it('gives contiguous revisions from 0 and tells the last revision and position', async () => {
      const stream = fresh('contiguous');
      const first = await store().append(stream, NO_STREAM, someEvents('a', 3));
      const second = await store().append(stream, first.revision, someEvents('b', 2));
      expect([first.revision, second.revision]).toEqual([2, 4]);
      const events = await all(store().readStream(stream));
      expect(events.map((event) => event.revision)).toEqual([0, 1, 2, 3, 4]);
      expect(events[2]?.position).toBe(first.position);
      expect(events[4]?.position).toBe(second.position);
    });

    it.each([
      ['a revision behind the head', 0, 1],
      ['a revision before the head', 5, 1],
      ['no stream where there is one', NO_STREAM, 1],
    ])('refuses %s and tells the actual revision', async (_, expected, actual) => {
      const stream = fresh('conflict');
      await store().append(stream, NO_STREAM, someEvents('a', 2));
      const refused = store().append(stream, expected, [anEvent('b')]);
      await expect(refused).rejects.toBeInstanceOf(WrongExpectedRevision);
      await expect(refused).rejects.toMatchObject({
        stream,
        expectedRevision: expected,
        actualRevision: actual,
      });
      expect(await all(store().readStream(stream))).toHaveLength(2);
    });

    it('refuses a revision of a stream that does not exist and tells that there is none', async () => {
      const stream = fresh('absent');
      await expect(store().append(stream, 3, [anEvent('a')])).rejects.toMatchObject({
        name: 'WrongExpectedRevision',
        actualRevision: NO_STREAM,
      });
    });

    it('takes the same append again as done, with the same answer, also when others came after it', async () => {
      const stream = fresh('repeat');
      const events = someEvents('a', 3);
      const first = await store().append(stream, NO_STREAM, events);
      expect(await store().append(stream, NO_STREAM, events)).toEqual(first);
      await store().append(stream, 2, someEvents('b', 2));
      expect(await store().append(stream, NO_STREAM, events)).toEqual(first);
      expect(await all(store().readStream(stream))).toHaveLength(5);
    });

    it('takes the beginning of an earlier append as done', async () => {
      const stream = fresh('beginning');
      const events = someEvents('a', 3);
      await store().append(stream, NO_STREAM, events);
      const part = await store().append(stream, NO_STREAM, events.slice(0, 2));
      expect(part.revision).toBe(1);
      expect(await all(store().readStream(stream))).toHaveLength(3);
    });

    it('recognises an id whatever the case of its letters', async () => {
      const stream = fresh('case');
      const event = anEvent('a');
      await store().append(stream, NO_STREAM, [{ ...event, id: event.id.toUpperCase() }]);
      await store().append(stream, NO_STREAM, [event]);
      expect((await all(store().readStream(stream))).map(({ id }) => id)).toEqual([event.id]);
    });

    it.each([
      ['more events than are there', (a: string[]) => [...a, 'new']],
      ['one other event among those that are there', (a: string[]) => [a[0] ?? '', 'new']],
      ['the same events in another order', (a: string[]) => [...a].reverse()],
    ])('refuses partial overlap: %s', async (_, change) => {
      const stream = fresh('overlap');
      const events = someEvents('a', 2);
      await store().append(stream, NO_STREAM, events);
      const ids = change(events.map(({ id }) => id)).map((id) => (id === 'new' ? anEvent('').id : id));
      const changed = ids.map((id, i) => anEvent(`b-${i}`, { id }));
      await expect(store().append(stream, NO_STREAM, changed)).rejects.toBeInstanceOf(WrongExpectedRevision);
      expect(await all(store().readStream(stream))).toHaveLength(2);
    });

    it('refuses events that stand at other revisions of the stream', async () => {
      const stream = fresh('shifted');
      const events = someEvents('a', 3);
      await store().append(stream, NO_STREAM, events);
      await expect(store().append(stream, 0, events.slice(0, 1))).rejects.toBeInstanceOf(
        WrongExpectedRevision,
      );
    });

    it('does not look at ids at the head: the caller knows what it has seen', async () => {
      const stream = fresh('head');
      const event = anEvent('a');
      await store().append(stream, NO_STREAM, [event]);
      expect((await store().append(stream, 0, [event])).revision).toBe(1);
    });

    it('writes once when the answer was lost and the identical append is sent again', async () => {
      const stream = fresh('ambiguous');
      await store().append(stream, NO_STREAM, [anEvent('before')]);
      const events = someEvents('a', 3);
      underTest().loseNextAnswer?.();
      const first = store().append(stream, 0, events);
      if (underTest().loseNextAnswer) await expect(first).rejects.toBeInstanceOf(AppendOutcomeUnknown);
      else await first;
      const again = await store().append(stream, 0, events);
      const there = await all(store().readStream(stream, { from: 1 }));
      expect(there.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      expect(again).toEqual({ revision: 3, position: there.at(-1)?.position });
    });

    it('is sent again by itself after a lost answer, when asked to', async () => {
      const stream = fresh('retried');
      const retrying = withAmbiguityRetry(store(), { attempts: 3, backoff: () => 1 });
      underTest().loseNextAnswer?.();
      const events = someEvents('a', 2);
      expect((await retrying.append(stream, NO_STREAM, events)).revision).toBe(1);
      expect((await all(store().readStream(stream))).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    });

    it('lets exactly one of many simultaneous appends at one revision win', async () => {
      const stream = fresh('race');
      const other = await underTest().openAnother();
      try {
        await store().append(stream, NO_STREAM, [anEvent('before')]);
        const racers = Array.from({ length: 20 }, (_, i) => ({
          on: i % 2 ? other : store(),
          event: anEvent(`${i}`),
        }));
        const ends = await Promise.allSettled(racers.map(({ on, event }) => on.append(stream, 0, [event])));
        const won = racers.filter((_, i) => ends[i]?.status === 'fulfilled');
        const lost = ends.filter((end) => end.status === 'rejected');
        expect(won).toHaveLength(1);
        for (const { reason } of lost) expect(reason).toBeInstanceOf(WrongExpectedRevision);
        const there = await all(store().readStream(stream, { from: 1 }));
        expect(there.map(({ id }) => id)).toEqual(won.map(({ event }) => event.id));
      } finally {
        await other.close();
      }
    });

    it('judges appends to one stream in the order in which they were made', async () => {
      const stream = fresh('pipelined');
      const appended = await Promise.all(
        [-1, 0, 1, 2].map((expected) => store().append(stream, expected, [anEvent(`${expected + 1}`)])),
      );
      expect(appended.map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
    });

    it('takes an append of exactly the size limit and refuses one byte more, writing nothing', async () => {
      const stream = fresh('limit');
      const type = 'Sized';
      const metadata = new Uint8Array(1000);
      const ofSize = (bytes: number) =>
        anEvent('', { type, metadata, data: new Uint8Array(bytes - 1000 - 2 * type.length).fill(0x20) });
      const tooLarge = store().append(stream, NO_STREAM, [ofSize(APPEND_LIMIT_BYTES - 20), ofSize(1100)]);
      await expect(tooLarge).rejects.toBeInstanceOf(AppendTooLarge);
      await expect(tooLarge).rejects.toMatchObject({ stream, bytes: APPEND_LIMIT_BYTES + 1080 });
      expect(await all(store().readStream(stream))).toEqual([]);
      expect(await store().append(stream, NO_STREAM, [ofSize(APPEND_LIMIT_BYTES)])).toMatchObject({
        revision: 0,
      });
    });

    it('takes more than the size limit when it is split', async () => {
      const stream = fresh('split');
      const units = Array.from({ length: 30 }, (_, i) =>
        [0, 1].map((n) => anEvent(`${i}.${n}`, { data: new Uint8Array(40_000).fill(i) })),
      );
      const appends = splitBySize(units);
      expect(appends.length).toBeGreaterThan(1);
      let revision = NO_STREAM;
      for (const events of appends) ({ revision } = await store().append(stream, revision, events));
      const there = await all(store().readStream(stream));
      expect(there.map(({ id }) => id)).toEqual(units.flat().map(({ id }) => id));
    });

    it.each([
      ['an id that is no UUID', () => [anEvent('a', { id: 'order-17' })], NO_STREAM],
      ['no events', () => [], NO_STREAM],
      ['an event without a type', () => [anEvent('a', { type: '' })], NO_STREAM],
      ['a revision that is no exact one', () => [anEvent('a')], -2],
    ])('refuses %s at once', async (_, events, expected) => {
      const stream = fresh('refused');
      await expect(store().append(stream, expected, events())).rejects.toThrow(stream);
      expect(await all(store().readStream(stream))).toEqual([]);
    });

    it('keeps ten thousand streams apart', async () => {
      const prefix = fresh('many');
      const names = Array.from({ length: 10_000 }, (_, i) => `${prefix}-${i}`);
      await sideBySide(names, 64, (name) => store().append(name, NO_STREAM, [anEvent(name)]));
      const events = await all(store().readAll({ ...start(), streamPrefixes: [prefix] }));
      expect(new Set(events.map(({ stream }) => stream))).toEqual(new Set(names));
      expect(events).toHaveLength(10_000);
      expect(await all(store().readStream(`${prefix}-4711`))).toHaveLength(1);
    }, 120_000);
  });
}
