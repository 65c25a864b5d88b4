import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { RecordedEvent } from '../port.js';
import { openDatabase, type Sqlite } from './database.js';
import { reading, type Reading } from './reading.js';
import { uuidText } from './uuid-bytes.js';

interface PlainRow {
  readonly name: string;
  readonly position: number;
  readonly revision: number;
  readonly id: Buffer;
  readonly type: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
  readonly stored_at: number;
}

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
    fill(db);
    everything = (
      db
        .prepare(
          'SELECT * FROM (SELECT id AS stream, name FROM streams) JOIN events USING (stream) ORDER BY position',
        )
        .all() as PlainRow[]
    ).map(({ name, position, id, stored_at, ...row }) => ({
      stream: name,
      position: BigInt(position),
      revision: row.revision,
      id: uuidText(id),
      type: row.type,
      data: row.data,
      metadata: row.metadata,
      storedAtMs: stored_at,
    }));
  });

  afterAll(async () => {
    db.close();
    await rm(dir, { recursive: true });
  });

  it('gives a page of the total order as plain rows would: what matches, whole and in order', () => {
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

/** Events of all sizes, of several streams, with gaps between positions. */
function fill(db: Sqlite): void {
  const addStream = db.prepare('INSERT INTO streams (name) VALUES (?)');
  const addEvent = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  for (const name of NAMES) addStream.run(name);
  const sizes = [0, 1, 300, 0, 900, 65_536, 65_537, 40, 30_000];
  db.transaction(() => {
    for (let i = 0; i < EVENTS; i += 1) {
      // Every 256th byte of an id, and many of the data, are 0: no text may end there.
      const id = Buffer.from(Array.from({ length: 16 }, (_, at) => (i * 7 + at * 16) % 256));
      const data = Buffer.alloc(
        i % 35 === 7 ? 1_000_000 : (sizes[i % sizes.length] ?? 0),
        Buffer.from([i % 256, 0, 255, 195]),
      );
      const metadata = Buffer.alloc(i % 5 === 0 ? 0 : (i * 13) % 400, Buffer.from([i % 256, 128]));
      const position = 1 + i + Math.floor(i / 100) * 70;
      addEvent.run(
        position,
        1 + (Math.floor(i / 3) % NAMES.length),
        i,
        id,
        `Tïpe"${i % 3}`,
        data,
        metadata,
        1_700_000_000_000 + i,
      );
    }
  })();
}
