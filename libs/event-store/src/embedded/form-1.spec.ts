import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { RecordedEvent } from '../port.js';
import { openEmbeddedEventStore } from './open.js';

/** A file as version 1 of the form made it. */
const FORM_1 = `
  CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream INTEGER NOT NULL REFERENCES streams (id),
    revision INTEGER NOT NULL,
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    data BLOB NOT NULL,
    metadata BLOB NOT NULL,
    stored_at INTEGER NOT NULL,
    UNIQUE (stream, revision)
  );
  PRAGMA application_id = 0x50525352;
  PRAGMA user_version = 1;
  INSERT INTO streams VALUES (1, 'account-ü'), (2, 'catalog');
  INSERT INTO events VALUES
    (3, 1, 0, x'00112233445566778899aabbccddeeff', 'Öpened', CAST('{"a":1}' AS BLOB), CAST('{}' AS BLOB), 1700000000000),
    (4, 2, 0, x'10112233445566778899aabbccddeeff', 'Plan', x'', x'00ff', 1700000000001),
    (9, 1, 1, x'20112233445566778899aabbccddeeff', 'Debited', zeroblob(100000), x'', 1700000000002);
  UPDATE sqlite_sequence SET seq = 12;
`;

describe('a file of form 1', () => {
  let dir: string;
  let path: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'form-1-'));
    path = join(dir, 'events.db');
    const old = new Database(path);
    old.exec(FORM_1);
    old.close();
  });

  afterAll(() => rm(dir, { recursive: true }));

  it('is not read by who may not write to it', () => {
    expect(() => openEmbeddedEventStore({ path, readonly: true })).toThrow(
      /form 1; this version reads form 2; a process that may write/,
    );
  });

  it('is brought to this form when it is opened, with every event where it was', async () => {
    const store = openEmbeddedEventStore({ path });
    const events: RecordedEvent[] = [];
    for await (const batch of store.readAll({ streamPrefixes: ['account-', 'catalog'] }))
      events.push(...batch);
    expect(
      events.map(({ data, metadata, ...event }) => ({
        ...event,
        data: Buffer.from(data).toString('hex').slice(0, 20),
        bytes: data.byteLength,
        metadata: Buffer.from(metadata).toString('hex'),
      })),
    ).toEqual([
      {
        stream: 'account-ü',
        revision: 0,
        position: 3n,
        id: '00112233-4455-6677-8899-aabbccddeeff',
        type: 'Öpened',
        data: Buffer.from('{"a":1}').toString('hex'),
        bytes: 7,
        metadata: Buffer.from('{}').toString('hex'),
        storedAtMs: 1_700_000_000_000,
      },
      {
        stream: 'catalog',
        revision: 0,
        position: 4n,
        id: '10112233-4455-6677-8899-aabbccddeeff',
        type: 'Plan',
        data: '',
        bytes: 0,
        metadata: '00ff',
        storedAtMs: 1_700_000_000_001,
      },
      {
        stream: 'account-ü',
        revision: 1,
        position: 9n,
        id: '20112233-4455-6677-8899-aabbccddeeff',
        type: 'Debited',
        data: '00'.repeat(10),
        bytes: 100_000,
        metadata: '',
        storedAtMs: 1_700_000_000_002,
      },
    ]);
    const [repeated] = events;
    if (!repeated) throw new Error('nothing was read');
    // The same append again is known, a new one goes behind every position that was ever given.
    expect(await store.append('account-ü', -1, [repeated])).toEqual({ revision: 0, position: 3n });
    const id = '30112233-4455-6677-8899-aabbccddeeff';
    expect(await store.append('account-ü', 1, [{ ...repeated, id }])).toEqual({ revision: 2, position: 13n });
    await store.close();
  });

  it('is of this form from then on', async () => {
    const store = openEmbeddedEventStore({ path, readonly: true });
    const revisions: number[] = [];
    for await (const batch of store.readStream('account-ü'))
      revisions.push(...batch.map(({ revision }) => revision));
    expect(revisions).toEqual([0, 1, 2]);
    await store.close();
  });
});
