import { describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import {
  AppendOutcomeUnknown,
  EventStoreUnavailable,
  EventStoreUnusable,
  WrongExpectedRevision,
} from '../errors.js';
import { NO_STREAM, type EventStore } from '../port.js';
import { describeEventStore } from '../testing/contract.js';
import { anEvent, someEvents } from '../testing/events.js';
import { openEmbeddedEventStore, type EmbeddedEventStoreOptions } from './open.js';

const directory = (): Promise<string> => mkdtemp(join(tmpdir(), 'event-store-'));

/** Threads run the built code; see scripts/test.mjs. */
const threadModule = new URL(
  '../../../../dist/libs/event-store/src/embedded/appending.worker.js',
  import.meta.url,
);

for (const appendIn of ['here', 'thread'] as const) {
  describeEventStore(`embedded, appends written ${appendIn}`, async () => {
    const dir = await directory();
    const path = join(dir, 'events.db');
    const open = (): EventStore => openEmbeddedEventStore({ path, appendIn, threadModule });
    const store = open();
    return {
      store,
      openAnother: () => Promise.resolve(open()),
      close: async () => {
        await store.close();
        await rm(dir, { recursive: true });
      },
    };
  });
}

describe.each(['here', 'thread'] as const)('embedded event store, appends written %s', (appendIn) => {
  const open = (options: EmbeddedEventStoreOptions): EventStore =>
    openEmbeddedEventStore({ appendIn, threadModule, ...options });
  const inFile = async (work: (path: string) => Promise<void>): Promise<void> => {
    const dir = await directory();
    try {
      await work(join(dir, 'events.db'));
    } finally {
      await rm(dir, { recursive: true });
    }
  };
  const count = async (store: EventStore, stream: string): Promise<number> => {
    let events = 0;
    for await (const batch of store.readStream(stream)) events += batch.length;
    return events;
  };

  it('has after reopening what it acknowledged', () =>
    inFile(async (path) => {
      const store = open({ path });
      const { position } = await store.append('account-1', NO_STREAM, someEvents('a', 3));
      await store.close();
      const again = open({ path });
      expect(await count(again, 'account-1')).toBe(3);
      expect((await again.append('account-1', 2, [anEvent('b')])).position > position).toBe(true);
      await again.close();
    }));

  it('lets each append of a shared transaction succeed or conflict by itself', () =>
    inFile(async (path) => {
      const store = open({ path });
      const ends = await Promise.allSettled([
        store.append('account-1', NO_STREAM, [anEvent('a')]),
        store.append('account-1', NO_STREAM, [anEvent('b')]),
        store.append('account-2', 7, [anEvent('c')]),
        store.append('account-1', 0, [anEvent('d')]),
      ]);
      expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
      expect(await count(store, 'account-1')).toBe(2);
      await store.close();
    }));

  it('refuses with nothing written when the file may not grow, and goes on when it may again', () =>
    inFile(async (path) => {
      const full = open({ path, maxBytes: 400_000 });
      const large = { data: new Uint8Array(100_000) };
      await full.append('account-1', NO_STREAM, [anEvent('a', large)]);
      const ends = await Promise.allSettled(
        [1, 2, 3, 4].map((n) => full.append(`account-1${n}`, NO_STREAM, [anEvent('b', large)])),
      );
      const reasons = ends.map((end): unknown => (end.status === 'rejected' ? end.reason : undefined));
      for (const reason of reasons) {
        expect(reason).toBeInstanceOf(EventStoreUnavailable);
        expect(String(reason)).toContain('SQLITE_FULL');
      }
      expect(await count(full, 'account-11')).toBe(0);
      await full.append('account-2', NO_STREAM, [anEvent('small')]);
      await full.close();
      const roomy = open({ path });
      await roomy.append('account-11', NO_STREAM, [anEvent('b', large)]);
      expect(await count(roomy, 'account-1')).toBe(1);
      await roomy.close();
    }));

  it('remembers no end of a stream that was not committed', () =>
    inFile(async (path) => {
      const store = open({ path, maxBytes: 400_000 });
      const { revision } = await store.append('account-1', NO_STREAM, someEvents('a', 2));
      const tooMuch = [
        store.append('account-1', revision, [anEvent('b')]),
        store.append('account-2', NO_STREAM, [anEvent('c')]),
        store.append('account-3', NO_STREAM, [anEvent('d', { data: new Uint8Array(600_000) })]),
      ];
      for (const end of await Promise.allSettled(tooMuch)) expect(end.status).toBe('rejected');
      await expect(store.append('account-1', 2, [anEvent('e')])).rejects.toMatchObject({ actualRevision: 1 });
      expect(await store.append('account-1', 1, [anEvent('f')])).toMatchObject({ revision: 2 });
      expect(await store.append('account-2', NO_STREAM, [anEvent('g')])).toMatchObject({ revision: 0 });
      await store.close();
    }));

  it('judges by what other handles appended, whatever it remembers itself', () =>
    inFile(async (path) => {
      const stores = [1, 2, 3].map(() => open({ path }));
      const heads = new Map<string, number>();
      let seed = 1;
      const any = (below: number): number =>
        ((seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % 65_521) % below;
      for (let i = 0; i < 400; i += 1) {
        const stream = `account-${any(4)}`;
        const head = heads.get(stream) ?? NO_STREAM;
        const expected = Math.max(NO_STREAM, head + any(3) - 1);
        const events = someEvents(`${i}`, 1 + any(3));
        const appending = stores[any(3)]?.append(stream, expected, events);
        if (expected === head) {
          expect(await appending).toMatchObject({ revision: head + events.length });
          heads.set(stream, head + events.length);
        } else await expect(appending).rejects.toMatchObject({ stream, actualRevision: head });
      }
      for (const [stream, head] of heads) {
        for (const store of stores) expect(await count(store, stream)).toBe(head + 1);
      }
      await Promise.all(stores.map((each) => each.close()));
    }));

  it('waits for another process that holds the lock, and gives up after the time set', () =>
    inFile(async (path) => {
      const store = open({ path, lockTimeoutMs: 100 });
      const other = new Database(path);
      other.exec('BEGIN IMMEDIATE');
      await expect(store.append('account-1', NO_STREAM, [anEvent('a')])).rejects.toThrow(/SQLITE_BUSY/);
      const waiting = store.append('account-1', NO_STREAM, [anEvent('b')]);
      setTimeout(() => other.exec('COMMIT'), 20);
      expect(await waiting).toMatchObject({ revision: 0 });
      other.close();
      await store.close();
    }));

  it('can be read, followed and not appended to when opened read-only', () =>
    inFile(async (path) => {
      const writer = open({ path });
      await writer.append('account-1', NO_STREAM, [anEvent('a')]);
      const reader = open({ path, readonly: true });
      expect(await count(reader, 'account-1')).toBe(1);
      await expect(reader.append('account-1', 0, [anEvent('b')])).rejects.toThrow(/read-only/);
      const seen: number[] = [];
      for await (const batch of reader.subscribe({
        streamPrefixes: ['account-'],
        signal: new AbortController().signal,
      })) {
        seen.push(...batch.events.map(({ revision }) => revision));
        if (batch.caughtUp && seen.length === 1) await writer.append('account-1', 0, [anEvent('c')]);
        if (seen.length === 2) break;
      }
      expect(seen).toEqual([0, 1]);
      await reader.close();
      await writer.close();
      const alone = open({ path, readonly: true });
      expect(await count(alone, 'account-1')).toBe(2);
      await alone.close();
      expect(() => open({ path: `${path}.missing`, readonly: true })).toThrow(EventStoreUnavailable);
    }));

  it('refuses a file that is something else', () =>
    inFile(async (path) => {
      const other = new Database(path);
      other.exec('CREATE TABLE t (x)');
      other.close();
      expect(() => open({ path })).toThrow(/not an event store/);
      await writeFile(path, 'no database at all, but long enough to be one'.repeat(100));
      expect(() => open({ path })).toThrow(EventStoreUnusable);
    }));

  it('says that it is away where its folder is, that a database in memory is none, and that a file is damaged', () =>
    inFile(async (path) => {
      expect(() => open({ path: `${path}.d/events.db` })).toThrow(EventStoreUnavailable);
      expect(() => open({ path: ':memory:' })).toThrow(EventStoreUnusable);
      const store = open({ path });
      await store.append('account-1', NO_STREAM, someEvents('a', 3));
      await store.close();
      await writeFile(path, (await readFile(path)).fill(0xee, 8192));
      const damaged = open({ path, readonly: true });
      await expect(count(damaged, 'account-1')).rejects.toBeInstanceOf(EventStoreUnusable);
      await damaged.close();
    }));

  it('finishes the appends that wait before it closes, and refuses later ones', () =>
    inFile(async (path) => {
      const store = open({ path });
      const waiting = store.append('account-1', NO_STREAM, [anEvent('a')]);
      await store.close();
      expect(await waiting).toMatchObject({ revision: 0 });
      await expect(store.append('account-1', 0, [anEvent('b')])).rejects.toBeInstanceOf(
        EventStoreUnavailable,
      );
      await expect(store.ping()).rejects.toBeInstanceOf(EventStoreUnavailable);
    }));

  it('keeps streams whole when many handles append to them at once', () =>
    inFile(async (path) => {
      const stores = [1, 2, 3].map(() => open({ path }));
      const appendTen = async (store: EventStore): Promise<void> => {
        for (let done = 0, head = NO_STREAM; done < 10;) {
          try {
            ({ revision: head } = await store.append('account-1', head, [anEvent('a')]));
            done += 1;
          } catch (error) {
            if (!(error instanceof WrongExpectedRevision)) throw error;
            head = error.actualRevision ?? NO_STREAM;
          }
        }
      };
      await Promise.all(stores.map(appendTen));
      const [store] = stores;
      expect(store && (await count(store, 'account-1'))).toBe(30);
      await Promise.all(stores.map((each) => each.close()));
    }));
});

describe('a thread that appends', () => {
  it('leaves the outcome open when it dies, and another one goes on', async () => {
    const dir = await directory();
    const path = join(dir, 'events.db');
    // Dies at its first append, before anything is written; the second one is as it should be.
    const dying = `
      import { existsSync, writeFileSync } from 'node:fs';
      import { parentPort } from 'node:worker_threads';
      const mark = ${JSON.stringify(join(dir, 'died'))};
      if (existsSync(mark)) await import(${JSON.stringify(threadModule.href)});
      else parentPort.once('message', () => {
        writeFileSync(mark, '');
        throw new Error('out of memory');
      });`;
    const store = openEmbeddedEventStore({
      path,
      appendIn: 'thread',
      threadModule: new URL(`data:text/javascript,${encodeURIComponent(dying)}`),
    });
    const [first, second] = await Promise.allSettled([
      store.append('account-1', NO_STREAM, [anEvent('a')]),
      store.append('account-2', NO_STREAM, [anEvent('b')]),
    ]);
    for (const end of [first, second]) {
      expect(end).toMatchObject({ status: 'rejected' });
      const reason: unknown = end.status === 'rejected' ? end.reason : undefined;
      expect(reason).toBeInstanceOf(AppendOutcomeUnknown);
      expect(reason).toMatchObject({ cause: { message: 'out of memory' } });
    }
    expect(await store.append('account-1', NO_STREAM, [anEvent('a')])).toMatchObject({ revision: 0 });
    await store.close();
    await rm(dir, { recursive: true });
  });
});
