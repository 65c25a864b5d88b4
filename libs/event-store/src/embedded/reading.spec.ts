import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { NO_STREAM, type NewEvent, type RecordedEvent } from '../port.js';
import { appending } from './appending.js';
import { openDatabase, type Sqlite } from './database.js';
import { packed } from './packed-append.js';
import { reading, type Reading } from './reading.js';
import { uuidText } from './uuid-bytes.js';

const NAMES = ['account-1', 'account-"ü"\n💧', 'Account-1', 'catalog', 'account'];
const EVENTS = 700;

/** Comparing megabytes of Buffers byte by byte is not Jest's strength. */
const shown = (events: readonly RecordedEvent[]): object[] =>
  events.map((event) => ({ ...event, data: digest(event.data), metadata: digest(event.metadata) }));
const digest = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

describe('reading', () => {
  let dir: string;
  let db: Sqlite;
  let queries: Reading;
  let everything: RecordedEvent[];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'reading-'));
    db = openDatabase({ path: join(dir, 'events.db'), readonly: false });
    queries = reading(db);
    everything = fill(db);
  });

  afterAll(async () => {
    db.close();
    await rm(dir, { recursive: true });
  });

  it('gives a page of the total order: what matches, whole and in order, wherever in an append it begins or ends', () => {
    const prefixes = fc.subarray(['account-', 'account-1', 'catalog', 'account-"', 'nobody'], {
      minLength: 1,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1200 }),
        prefixes,
        fc.integer({ min: 1, max: 300 }),
        (from, wanted, limit) => {
          const page = queries.readPage(BigInt(from), wanted, limit);
          const matching = everything.filter(
            ({ stream, position }) => position > from && wanted.some((prefix) => stream.startsWith(prefix)),
          );
          expect(shown(page.events)).toEqual(shown(matching.slice(0, page.events.length)));
          if (page.events.length < limit)
            expect(matching.filter(({ position }) => position <= page.upTo)).toHaveLength(page.events.length);
          else expect(page.upTo >= (page.events.at(-1)?.position ?? 0n)).toBe(true);
          if (page.atEnd) expect(page.events).toHaveLength(matching.length);
          expect(page.atEnd).toBe(page.upTo >= queries.lastPosition());
        },
      ),
    );
  });

  it('gives a page of one stream from any revision, in either direction', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMES),
        fc.constantFrom('forward' as const, 'backward' as const),
        fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }),
        fc.integer({ min: 1, max: 60 }),
        (stream, direction, from, limit) => {
          const whole = everything.filter((event) => event.stream === stream);
          const wanted =
            direction === 'forward' ? whole.slice(from ?? 0) : whole.slice(0, (from ?? 200) + 1).reverse();
          const page = queries.streamPage(stream, direction, from, limit);
          expect(shown(page)).toEqual(shown(wanted.slice(0, page.length)));
          // A page may end early only because it is large.
          if (page.length < Math.min(limit, wanted.length)) {
            const bytes = page.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
            expect(bytes).toBeGreaterThan(11.9 * 1024 * 1024);
          }
        },
      ),
    );
    expect(queries.streamPage('nobody', 'forward', 0, 10)).toEqual([]);
  });

  it('looks on behind an append that is larger than one look', () => {
    const store = openDatabase({ path: join(dir, 'wide.db'), readonly: false });
    const appends = appending(store);
    const many = Array.from({ length: 25_000 }, (_, i): NewEvent => {
      const id = uuidText(Buffer.from(i.toString(16).padStart(32, '0'), 'hex'));
      return { id, type: 'T', data: new Uint8Array(0), metadata: new Uint8Array(0) };
    });
    store.transaction(() => {
      appends.begun();
      for (const stream of ['catalog', 'account-1', 'catalog-2', 'account-2']) {
        appends.append({
          stream,
          expectedRevision: -1,
          events: many.length,
          blob: packed(many),
          storedAtMs: 0,
        });
      }
    })();
    const wide = reading(store);
    const seen = new Map<string, number>();
    for (let after = 0n, atEnd = false; !atEnd;) {
      const page = wide.readPage(after, ['account-'], 7_000);
      for (const { stream, revision } of page.events) {
        expect(revision).toBe(seen.get(stream) ?? 0);
        seen.set(stream, revision + 1);
      }
      ({ upTo: after, atEnd } = page);
    }
    expect([...seen]).toEqual([
      ['account-1', 25_000],
      ['account-2', 25_000],
    ]);
    store.close();
  });

  it('tells what stands before a damaged append, then that it is damaged, and reads on behind it', () => {
    const store = openDatabase({ path: join(dir, 'damaged.db'), readonly: false });
    const appends = appending(store);
    const one = (n: number): NewEvent => ({
      id: uuidText(Buffer.alloc(16, n)),
      type: 'T',
      data: Buffer.from(`${n}`),
      metadata: Buffer.alloc(0),
    });
    store.transaction(() => {
      appends.begun();
      for (let n = 0; n < 5; n += 1) {
        const blob = packed([one(n)]);
        appends.append({
          stream: 'account-1',
          expectedRevision: n - 1,
          events: 1,
          blob: n === 2 ? blob.subarray(1) : blob,
          storedAtMs: 0,
        });
      }
    })();
    const reader = reading(store);
    const damaged = expect.objectContaining({ name: 'EventsDamaged', stream: 'account-1', revision: 2 });
    const revisions = (events: readonly RecordedEvent[]): number[] => events.map(({ revision }) => revision);

    const page = reader.readPage(0n, ['account-'], 10);
    expect(revisions(page.events)).toEqual([0, 1]);
    expect(page.atEnd).toBe(false);
    expect(() => reader.readPage(page.upTo, ['account-'], 10)).toThrow(damaged);
    expect(revisions(reader.readPage(3n, ['account-'], 10).events)).toEqual([3, 4]);

    expect(revisions(reader.streamPage('account-1', 'forward', undefined, 10))).toEqual([0, 1]);
    expect(() => reader.streamPage('account-1', 'forward', 2, 10)).toThrow(damaged);
    expect(revisions(reader.streamPage('account-1', 'forward', 3, 10))).toEqual([3, 4]);
    expect(revisions(reader.streamPage('account-1', 'backward', undefined, 10))).toEqual([4, 3]);
    store.close();
  });

  it('ends a page when it is large, and goes on right behind it', () => {
    const seen: RecordedEvent[] = [];
    let pages = 0;
    for (let after = 0n, atEnd = false; !atEnd; pages += 1) {
      const page = queries.readPage(after, ['account-', 'Account', 'catalog'], 10_000);
      const bytes = page.events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
      expect(bytes).toBeLessThan(13.1 * 1024 * 1024);
      seen.push(...page.events);
      ({ upTo: after, atEnd } = page);
    }
    expect(pages).toBeGreaterThan(1);
    expect(shown(seen)).toEqual(shown(everything.filter(({ stream }) => stream !== 'account')));
  });
});

/** Events of all sizes, of several streams, one to nine to an append, with gaps between positions. */
function fill(db: Sqlite): RecordedEvent[] {
  const appends = appending(db);
  const skip = db.prepare<[number]>("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'appends'");
  const sizes = [0, 1, 300, 0, 900, 65_536, 65_537, 40, 30_000];
  const heads = new Map<string, number>();
  const all: RecordedEvent[] = [];
  const begun = db.transaction((append: number) => {
    if (append % 20 === 19) skip.run(70);
    appends.begun();
    const stream = NAMES[append % NAMES.length] ?? '';
    const head = heads.get(stream) ?? NO_STREAM;
    const storedAtMs = 1_700_000_000_000 + append;
    const events = Array.from({ length: 1 + ((append * 5) % 9) }, (_, n): NewEvent => {
      const i = all.length + n;
      // Every 256th byte of an id, and many of the data, are 0: no text may end there.
      const id = uuidText(Buffer.from(Array.from({ length: 16 }, (_, at) => (i * 7 + at * 16) % 256)));
      const data = Buffer.alloc(
        i % 35 === 7 ? 1_000_000 : (sizes[i % sizes.length] ?? 0),
        Buffer.from([i % 256, 0, 255, 195]),
      );
      const metadata = Buffer.alloc(i % 5 === 0 ? 0 : (i * 13) % 400, Buffer.from([i % 256, 128]));
      return { id, type: `Tïpe"${i % 3}`, data, metadata };
    });
    const { appended } = appends.append({
      stream,
      expectedRevision: head,
      events: events.length,
      blob: packed(events),
      storedAtMs,
    });
    if (!appended) throw new Error(`append ${append} was refused`);
    const { revision, position } = appended;
    heads.set(stream, revision);
    events.forEach((event, n) => {
      const before = events.length - 1 - n;
      all.push({
        ...event,
        stream,
        revision: revision - before,
        position: position - BigInt(before),
        storedAtMs,
      });
    });
  });
  for (let append = 0; all.length < EVENTS; append += 1) begun.immediate(append);
  return all;
}
