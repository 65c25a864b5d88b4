import { describe, expect, it } from '@jest/globals';
import { NO_STREAM, type RecordedEvent } from '../../port.js';
import { anEvent, someEvents } from '../events.js';
import { all, follow } from './collecting.js';
import type { Suite } from './suite.js';

const revisions = (events: readonly RecordedEvent[]): number[] => events.map(({ revision }) => revision);

export function readContract({ store, fresh, start }: Suite): void {
  describe('reading a stream', () => {
    it('yields nothing for a stream that does not exist, in either direction', async () => {
      const stream = fresh('nothing');
      expect(await all(store().readStream(stream))).toEqual([]);
      expect(await all(store().readStream(stream, { direction: 'backward' }))).toEqual([]);
    });

    it.each([
      [{}, [0, 1, 2, 3, 4]],
      [{ from: 3 }, [3, 4]],
      [{ from: 1, limit: 2 }, [1, 2]],
      [{ from: 5 }, []],
      [{ limit: 0 }, []],
      [{ direction: 'backward' }, [4, 3, 2, 1, 0]],
      [{ direction: 'backward', from: 2 }, [2, 1, 0]],
      [{ direction: 'backward', limit: 1 }, [4]],
      [{ direction: 'backward', from: 0 }, [0]],
      [{ direction: 'backward', from: 9, limit: 2 }, [4, 3]],
    ] as const)('reads %j', async (options, expected) => {
      const stream = fresh('ranges');
      await store().append(stream, NO_STREAM, someEvents('a', 5));
      expect(revisions(await all(store().readStream(stream, options)))).toEqual(expected);
    });

    it('reads a stream longer than a batch whole, both ways, and stops when the reader leaves', async () => {
      const stream = fresh('long');
      const count = 2345;
      let revision = NO_STREAM;
      while (revision < count - 1) {
        const events = someEvents('a', Math.min(500, count - 1 - revision));
        ({ revision } = await store().append(stream, revision, events));
      }
      const upwards = Array.from({ length: count }, (_, i) => i);
      expect(revisions(await all(store().readStream(stream)))).toEqual(upwards);
      const backward = await all(store().readStream(stream, { direction: 'backward' }));
      expect(revisions(backward)).toEqual(upwards.reverse());
      for await (const batch of store().readStream(stream)) {
        expect(batch[0]?.revision).toBe(0);
        break;
      }
      expect(await all(store().readStream(stream, { from: count - 1 }))).toHaveLength(1);
    });

    it('gives back every byte, id, type and name as they came', async () => {
      const stream = fresh('Конто-客户-🦄-naïve café');
      const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
      const text = new TextEncoder().encode('{"b":1,  "a":"Ünïcödé 💳 \\u0000","n":1e3}');
      const events = [
        anEvent('bytes', { type: 'Bytes', data: everyByte, metadata: everyByte.slice().reverse() }),
        anEvent('json', { type: 'Größe geändert 中文', data: text, metadata: text }),
        anEvent('empty', { data: new Uint8Array(), metadata: new Uint8Array() }),
        anEvent('nul', { data: new Uint8Array(3), metadata: new Uint8Array([0xff, 0xfe]) }),
      ];
      const before = Date.now();
      await store().append(stream, NO_STREAM, events);
      const there = await all(store().readStream(stream));
      const plain = (list: readonly { id: string; type: string; data: Uint8Array; metadata: Uint8Array }[]) =>
        list.map(({ id, type, data, metadata }) => ({ id, type, data: [...data], metadata: [...metadata] }));
      expect(plain(there)).toEqual(plain(events));
      for (const event of there) {
        expect(event.stream).toBe(stream);
        // The store's clock is another machine's, perhaps: close to ours is all that can be said.
        expect(Math.abs(event.storedAtMs - before)).toBeLessThan(3_600_000);
      }
      const [viaAll] = await all(store().readAll({ ...start(), streamPrefixes: [stream] }));
      expect(viaAll).toEqual(there[0]);
    });

    it('keeps what was appended when the caller uses its buffer again', async () => {
      const stream = fresh('reused');
      const data = new Uint8Array([1, 2, 3]);
      await store().append(stream, NO_STREAM, [anEvent('a', { data })]);
      data.fill(9);
      const [there] = await all(store().readStream(stream));
      expect([...(there?.data ?? [])]).toEqual([1, 2, 3]);
    });
  });

  describe('reading the total order', () => {
    it('reads the streams of a prefix in the order in which they were appended to, positions growing', async () => {
      const prefix = fresh('order');
      const revision = { a: NO_STREAM, b: NO_STREAM };
      for (const [name, count] of [
        ['a', 2],
        ['b', 1],
        ['a', 1],
        ['b', 3],
      ] as const) {
        const events = someEvents(name, count);
        ({ revision: revision[name] } = await store().append(`${prefix}-${name}`, revision[name], events));
      }
      await store().append(fresh('foreign'), NO_STREAM, someEvents('x', 2));
      const events = await all(store().readAll({ ...start(), streamPrefixes: [prefix] }));
      const places = events.map(({ stream, revision: at }) => `${stream.slice(-1)}${at}`);
      expect(places).toEqual(['a0', 'a1', 'b0', 'a2', 'b1', 'b2', 'b3']);
      const positions = events.map(({ position }) => position);
      for (const [i, position] of positions.entries())
        expect(position > (positions[i - 1] ?? -1n)).toBe(true);
    });

    it('reads strictly after a position, with a limit', async () => {
      const stream = fresh('after');
      await store().append(stream, NO_STREAM, someEvents('a', 10));
      const streamPrefixes = [stream];
      const [, , third] = await all(store().readAll({ ...start(), streamPrefixes }));
      const after = third?.position ?? 0n;
      expect(revisions(await all(store().readAll({ streamPrefixes, after })))).toEqual([3, 4, 5, 6, 7, 8, 9]);
      expect(revisions(await all(store().readAll({ streamPrefixes, after, limit: 2 })))).toEqual([3, 4]);
      const last = (await all(store().readStream(stream, { direction: 'backward', limit: 1 })))[0]?.position;
      expect(await all(store().readAll({ streamPrefixes, after: last ?? 0n }))).toEqual([]);
    });

    it('takes several prefixes and tells case apart', async () => {
      const prefix = fresh('prefixes');
      for (const name of ['alpha', 'beta', 'gamma', 'ALPHA', 'alpha%']) {
        await store().append(`${prefix}-${name}-1`, NO_STREAM, [anEvent(name)]);
      }
      const names = async (...wanted: string[]) =>
        (
          await all(
            store().readAll({ ...start(), streamPrefixes: wanted.map((name) => `${prefix}-${name}`) }),
          )
        ).map(({ stream }) => stream.slice(prefix.length + 1));
      expect(await names('alpha-', 'gamma')).toEqual(['alpha-1', 'gamma-1']);
      expect(await names('alpha%')).toEqual(['alpha%-1']);
      expect(await names('delta')).toEqual([]);
    });

    it('takes a prefix for the characters that it is, whatever they mean elsewhere and whatever follows', async () => {
      const prefix = fresh('literal');
      // A combining accent belongs to the letter before it, for whoever compares by the rules of a language.
      const names = ['account-\u0301x', 'account-\u200dy', 'a.b-1', 'axb-1', 'a(b|c)*-1', 'a\\d+-1', 'a1-1'];
      for (const name of names) await store().append(`${prefix}${name}`, NO_STREAM, [anEvent(name)]);
      const found = async (wanted: string) =>
        (await all(store().readAll({ ...start(), streamPrefixes: [`${prefix}${wanted}`] }))).map(
          ({ stream }) => stream.slice(prefix.length),
        );
      expect(await found('account-')).toEqual(names.slice(0, 2));
      expect(await found('a.b-')).toEqual(['a.b-1']);
      expect(await found('a(b|c)*-')).toEqual(['a(b|c)*-1']);
      expect(await found('a\\d+-')).toEqual(['a\\d+-1']);
      const { events } = await follow(
        store().subscribe({
          ...start(),
          streamPrefixes: [`${prefix}account-`],
          signal: new AbortController().signal,
        }),
        (so) => so.events.length >= 2,
      );
      expect(events.map(({ stream }) => stream.slice(prefix.length))).toEqual(names.slice(0, 2));
    });

    it('refuses a filter that names no prefix', async () => {
      await expect(all(store().readAll({ streamPrefixes: [] }))).rejects.toThrow('streamPrefixes');
    });

    it('sees in one handle what another has appended', async () => {
      const stream = fresh('elsewhere');
      await store().append(stream, NO_STREAM, [anEvent('a')]);
      expect(await all(store().readAll({ ...start(), streamPrefixes: [stream] }))).toHaveLength(1);
    });
  });

  it('answers a ping', async () => {
    await expect(store().ping()).resolves.toBeUndefined();
  });
}
