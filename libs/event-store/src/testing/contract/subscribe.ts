import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_STREAM, type EventStore, type Position } from '../../port.js';
import { anEvent, someEvents } from '../events.js';
import { all, follow, sideBySide } from './collecting.js';
import type { Suite } from './suite.js';

/** Appends `count` events to one new stream, in appends of at most 500. */
async function fill(store: EventStore, stream: string, count: number): Promise<void> {
  let revision = NO_STREAM;
  while (revision < count - 1) {
    const events = someEvents('filled', Math.min(500, count - 1 - revision));
    ({ revision } = await store.append(stream, revision, events));
  }
}

export function subscribeContract({ underTest, store, fresh, start }: Suite): void {
  const subscribe = (
    prefix: string,
    after?: Position,
    more: { maxBatch?: number; signal?: AbortSignal } = {},
  ) =>
    store().subscribe({
      streamPrefixes: [prefix],
      signal: more.signal ?? new AbortController().signal,
      ...(after === undefined ? start() : { after }),
      ...(more.maxBatch === undefined ? {} : { maxBatch: more.maxBatch }),
    });

  describe('subscribing', () => {
    it('delivers what was there, says when it is live, and goes on with what comes', async () => {
      const prefix = fresh('live');
      await store().append(`${prefix}-1`, NO_STREAM, someEvents('a', 3));
      let appending: Promise<unknown> | undefined;
      const { events, batches } = await follow(subscribe(prefix), (so) => {
        if (so.batches.at(-1)?.caughtUp) {
          appending ??= store().append(`${prefix}-2`, NO_STREAM, someEvents('b', 2));
        }
        return so.events.length >= 5;
      });
      await appending;
      expect(events.map(({ stream, revision }) => `${stream.slice(-1)}.${revision}`)).toEqual([
        '1.0',
        '1.1',
        '1.2',
        '2.0',
        '2.1',
      ]);
      expect(batches.some(({ caughtUp }) => caughtUp)).toBe(true);
      expect(events).toEqual(await all(store().readAll({ ...start(), streamPrefixes: [prefix] })));
    });

    it('becomes live on a prefix that has no events', async () => {
      const { events, batches } = await follow(
        subscribe(fresh('idle')),
        ({ batches: so }) => so.at(-1)?.caughtUp ?? false,
      );
      expect(events).toEqual([]);
      expect(batches.at(-1)?.caughtUp).toBe(true);
    });

    it('misses nothing that comes after a checkpoint at which it was live', async () => {
      const prefix = fresh('later');
      let after: Position | undefined;
      for (let revision = 0; revision < 3; revision += 1) {
        const { checkpoint } = await follow(
          subscribe(prefix, after),
          ({ batches }) => batches.at(-1)?.caughtUp ?? false,
        );
        await store().append(prefix, revision - 1, [anEvent(`${revision}`)]);
        const { events } = await follow(subscribe(prefix, checkpoint), (so) => so.events.length > 0);
        expect(events.map((event) => event.revision)).toEqual([revision]);
        after = events[0]?.position;
      }
    });

    it('sees what another handle appends', async () => {
      const prefix = fresh('other');
      const other = await underTest().openAnother();
      try {
        let appending: Promise<unknown> | undefined;
        const { events } = await follow(subscribe(prefix), (so) => {
          if (so.batches.at(-1)?.caughtUp) appending ??= other.append(prefix, NO_STREAM, [anEvent('a')]);
          return so.events.length > 0;
        });
        await appending;
        expect(events).toHaveLength(1);
      } finally {
        await other.close();
      }
    });

    it('resumes after any checkpoint without a gap and without a repeat', async () => {
      const prefix = fresh('resume');
      await fill(store(), `${prefix}-1`, 700);
      const whole = await all(store().readAll({ ...start(), streamPrefixes: [prefix] }));
      let after: Position | undefined;
      const seen: string[] = [];
      while (seen.length < 700) {
        const part = await follow(
          subscribe(prefix, after, { maxBatch: 97 }),
          ({ events }) => events.length >= 150 || events.length + seen.length >= 700,
        );
        seen.push(...part.events.map(({ id }) => id));
        after = part.checkpoint;
      }
      expect(seen).toEqual(whole.map(({ id }) => id));
    });

    it('gives checkpoints that grow and never pass an event that is still to come', async () => {
      const prefix = fresh('checkpoints');
      await fill(store(), `${prefix}-1`, 600);
      const { batches } = await follow(
        subscribe(prefix, undefined, { maxBatch: 50 }),
        ({ events }) => events.length >= 600,
      );
      let checkpoint = -1n;
      for (const batch of batches) {
        for (const { position } of batch.events) expect(position > checkpoint).toBe(true);
        const last = batch.events.at(-1)?.position;
        if (last !== undefined) expect(batch.checkpoint >= last).toBe(true);
        expect(batch.checkpoint >= checkpoint).toBe(true);
        checkpoint = batch.checkpoint;
      }
    });

    it('moves the checkpoint over what the filter leaves out', async () => {
      const prefix = fresh('sparse');
      const { position } = await store().append(prefix, NO_STREAM, [anEvent('only')]);
      await fill(store(), fresh('foreign'), 5000);
      const { events, checkpoint } = await follow(subscribe(prefix), (so) => so.checkpoint > position);
      expect(events).toHaveLength(1);
      expect(checkpoint > position).toBe(true);
      await store().append(prefix, 0, [anEvent('next')]);
      const next = await follow(subscribe(prefix, checkpoint), (so) => so.events.length > 0);
      expect(next.events.map(({ revision }) => revision)).toEqual([1]);
    });

    it('misses and repeats nothing while appends and broken connections go on', async () => {
      const prefix = fresh('broken');
      const count = 3000;
      const writing = (async () => {
        const names = Array.from({ length: 30 }, (_, i) => `${prefix}-${i}`);
        await sideBySide(names, 3, async (name) => {
          for (let revision = NO_STREAM; revision < count / 30 - 1;) {
            const events = someEvents(name, 10);
            ({ revision } = await store().append(name, revision, events));
          }
        });
      })();
      let broken = 0;
      const { events } = await follow(subscribe(prefix, undefined, { maxBatch: 100 }), (so) => {
        // Only once nothing is being appended any more: this is about reading.
        if (so.events.length > 500 * (broken + 1)) {
          broken += 1;
          void writing.then(() => underTest().disconnect?.());
        }
        return so.events.length >= count;
      });
      await writing;
      const whole = await all(store().readAll({ ...start(), streamPrefixes: [prefix] }));
      expect(events.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
      expect(events).toHaveLength(count);
    });

    it('goes on after a broken connection', async () => {
      const prefix = fresh('reconnect');
      await store().append(prefix, NO_STREAM, someEvents('a', 2));
      let breaking: Promise<unknown> | undefined;
      const { events } = await follow(subscribe(prefix), (so) => {
        if (so.batches.at(-1)?.caughtUp) {
          breaking ??= (async () => {
            await underTest().disconnect?.();
            await appendPersistently(store(), prefix);
          })();
        }
        return so.events.length >= 4;
      });
      await breaking;
      expect(events.map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
    });

    it('delivers everything, in bounded batches, to a reader that is slow', async () => {
      const prefix = fresh('slow');
      await fill(store(), `${prefix}-1`, 2000);
      const sizes: number[] = [];
      const ids: string[] = [];
      for await (const batch of subscribe(prefix, undefined, { maxBatch: 128 })) {
        sizes.push(batch.events.length);
        ids.push(...batch.events.map(({ id }) => id));
        if (ids.length >= 2000) break;
        await sleep(5);
      }
      expect(Math.max(...sizes)).toBeLessThanOrEqual(128);
      const whole = await all(store().readAll({ ...start(), streamPrefixes: [prefix] }));
      expect(ids).toEqual(whole.map(({ id }) => id));
    });

    it('ends without an error when its signal aborts, also while it waits', async () => {
      const aborting = new AbortController();
      const { batches } = await follow(
        subscribe(fresh('ended'), undefined, { signal: aborting.signal }),
        ({ batches: so }) => {
          if (so.at(-1)?.caughtUp) setImmediate(() => aborting.abort());
          return false;
        },
      );
      expect(batches.at(-1)?.caughtUp).toBe(true);
    });

    it('yields nothing when its signal has aborted before', async () => {
      const prefix = fresh('aborted');
      await store().append(prefix, NO_STREAM, [anEvent('a')]);
      const { events } = await follow(
        subscribe(prefix, undefined, { signal: AbortSignal.abort() }),
        () => false,
      );
      expect(events).toEqual([]);
    });
  });
}

/** Right after a broken connection an append may fail; identical repeats are what the port asks for. */
async function appendPersistently(store: EventStore, stream: string): Promise<void> {
  const events = someEvents('b', 2);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await store.append(stream, 1, events);
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await sleep(50);
    }
  }
}
