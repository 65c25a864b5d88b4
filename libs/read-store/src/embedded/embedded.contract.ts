import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { instant } from '#domain';
import { told } from '#projections';
import type { ProjectionBatch } from '../port.js';
import { ReadStoreUnavailable, ReadStoreUnusable, type ReadStore } from '../port.js';
import { describeReadStore } from '../testing/contract/index.js';
import { dumpedReadStore } from '../testing/dump.js';
import { sampleChange, sampleId, sampleTransaction, settleAt } from '../testing/samples.js';
import { openEmbeddedReadStore } from './embedded-read-store.js';

describeReadStore('embedded (SQLite)', async () => {
  const directory = await newDirectory();
  return {
    open: (options) =>
      Promise.resolve(openEmbeddedReadStore({ path: join(directory, 'read.db'), ...options })),
    destroy: () => rm(directory, { recursive: true, force: true }),
  };
});

describe('embedded read store', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await newDirectory();
    path = join(directory, 'read.db');
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('keeps what was written when it is opened again', async () => {
    const first = openEmbeddedReadStore({ path });
    await first.apply(batch(1));
    await first.close();
    const again = openEmbeddedReadStore({ path });
    expect(await again.checkpoint('p')).toBe(1n);
    expect(await again.transaction('c0', 0)).toEqual(told(sampleTransaction('c0', 0)));
    await again.close();
  });

  it('says that it is away where its folder is, that a database in memory is none, and that a file is damaged', async () => {
    expect(() => openEmbeddedReadStore({ path: join(directory, 'none', 'read.db') })).toThrow(
      ReadStoreUnavailable,
    );
    expect(() => openEmbeddedReadStore({ path: ':memory:' })).toThrow(ReadStoreUnusable);
    const store = openEmbeddedReadStore({ path });
    await store.apply(batch(1));
    await store.close();
    await writeFile(path, (await readFile(path)).fill(0xee, 8192));
    const damaged = (): Promise<unknown> => openEmbeddedReadStore({ path, readonly: true }).checkpoint('p');
    await expect((async () => damaged())()).rejects.toBeInstanceOf(ReadStoreUnusable);
  });

  it('empties a file of another schema version: it will be rebuilt', async () => {
    const first = openEmbeddedReadStore({ path });
    await first.apply(batch(1));
    await first.close();
    const older = new Database(path);
    older.exec('PRAGMA user_version = 999; CREATE TABLE of_old (x)');
    older.close();
    const store = openEmbeddedReadStore({ path });
    expect(await store.checkpoint('p')).toBeUndefined();
    expect(await store.customerIds(undefined, 10)).toEqual([]);
    await store.apply(batch(1));
    await store.close();
  });

  it('empties a file of another version from before files had an id', async () => {
    await openEmbeddedReadStore({ path }).close();
    const older = new Database(path);
    older.exec('PRAGMA user_version = 3; PRAGMA application_id = 0');
    older.close();
    const store = openEmbeddedReadStore({ path });
    await store.apply(batch(1));
    await store.close();
  });

  it.each([
    [
      'an event store',
      'PRAGMA application_id = 0x50525352; PRAGMA user_version = 2; CREATE TABLE appends (x)',
    ],
    ['a database of something else', 'CREATE TABLE accounts (x)'],
    ['one whose version looks like ours', 'CREATE TABLE accounts (x); PRAGMA user_version = 4'],
    ['one that has nothing yet but an id', 'PRAGMA application_id = 7'],
  ])('leaves %s as it is, and says that it is no read store', (_, statements) => {
    const others = new Database(path);
    others.exec(statements);
    others.close();
    const before = readFileSync(path);
    for (const readonly of [false, true]) {
      expect(() => openEmbeddedReadStore({ path, readonly })).toThrow(
        new ReadStoreUnusable(`${path} is an SQLite file, but not a read store`),
      );
    }
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('does not answer a ping once its tables are gone', async () => {
    const store = openEmbeddedReadStore({ path });
    await store.ping();
    const other = new Database(path);
    other.exec('DROP TABLE checkpoints');
    other.close();
    await expect(store.ping()).rejects.toThrow(/no such table: checkpoints/);
    await store.close();
  });

  it('reads beside a writer when opened read-only, and writes nothing', async () => {
    expect(() => openEmbeddedReadStore({ path, readonly: true })).toThrow(ReadStoreUnavailable);
    const writer = openEmbeddedReadStore({ path });
    const reader = openEmbeddedReadStore({ path, readonly: true });
    await writer.apply(batch(1));
    expect((await reader.accounts(['c0'])).size).toBe(1);
    await expect(reader.apply(batch(2))).rejects.toThrow(/readonly/);
    expect(await writer.checkpoint('p')).toBe(1n);
    await reader.close();
    await writer.close();
  });

  it('says that it is away while another process keeps the file locked, and goes on afterwards', async () => {
    const store = openEmbeddedReadStore({ path, busyTimeoutMs: 20 });
    await store.apply(batch(1));
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.apply(batch(2))).rejects.toBeInstanceOf(ReadStoreUnavailable);
    expect(await store.checkpoint('p')).toBe(1n);
    other.exec('ROLLBACK');
    other.close();
    await store.apply(batch(2));
    expect(await store.checkpoint('p')).toBe(2n);
    await store.close();
  });

  it('leaves horizons to the next time while another writes, instead of standing still until it is done', async () => {
    const store = openEmbeddedReadStore({ path, busyTimeoutMs: 2_000 });
    const horizon = { partition: 'usage-events/0', consumedThrough: instant('2026-01-01T00:00:00.000Z') };
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    const from = performance.now();
    await store.publishHorizons([horizon]);
    expect(performance.now() - from).toBeLessThan(2_000);
    expect(await store.horizons()).toEqual([]);
    // Everything else waits as long as before.
    const asked = performance.now();
    await expect(store.apply(batch(1))).rejects.toBeInstanceOf(ReadStoreUnavailable);
    expect(performance.now() - asked).toBeGreaterThan(1_900);
    other.exec('ROLLBACK');
    other.close();
    await store.publishHorizons([horizon]);
    expect(await store.horizons()).toEqual([horizon]);
    await store.close();
  });

  it('says that it is away when the disk is full, keeps what it had, and goes on when there is room', async () => {
    const store = openEmbeddedReadStore({ path, maxMiB: 1 });
    const written = await untilFull(store, 1);
    expect(written).toBeGreaterThan(0);
    expect(await store.checkpoint('p')).toBe(BigInt(written));
    expect((await store.transactions({ customerId: 'c0' }, 1)).rows[0]?.revision).toBe(written - 1);
    await store.close();
    const roomier = openEmbeddedReadStore({ path });
    await roomier.apply(batch(written + 1));
    expect(await roomier.checkpoint('p')).toBe(BigInt(written + 1));
    await roomier.close();
  });

  it('keeps nothing of a batch whose last row of many is refused', async () => {
    const store = openEmbeddedReadStore({ path });
    await store.apply(batch(1));
    const before = await dumpedReadStore(store);
    // As many rows as one statement inserts, and the last of them is there already.
    const transactions = [...Array.from({ length: 31 }, (_, n) => n + 1), 0].map((revision) =>
      sampleTransaction('c0', revision),
    );
    const refused = sampleChange('c0', 31, { transactions, ids: [sampleId('c0', 'id 2', 31)] });
    await expect(
      store.apply({ projector: 'p', after: 1n, checkpoint: 2n, changes: [refused] }),
    ).rejects.toThrow(/UNIQUE/);
    expect(await dumpedReadStore(store)).toEqual(before);
    await store.apply(batch(2));
    expect(await store.checkpoint('p')).toBe(2n);
    await store.close();
  });

  it('writes an agenda again that another process has changed since', async () => {
    const stores = [openEmbeddedReadStore({ path }), openEmbeddedReadStore({ path })] as const;
    const early = settleAt('c0', '2026-02-01T00:00:00.000Z');
    const late = settleAt('c0', '2026-03-01T00:00:00.000Z');
    for (const [revision, agenda] of [early, early, late, early, late, late].entries()) {
      const writer = stores[revision < 2 || revision === 3 ? 0 : 1];
      const changes = [sampleChange('c0', revision, { agenda: [agenda] })];
      const after = revision === 0 ? undefined : BigInt(revision);
      await writer.apply({ projector: 'p', after, checkpoint: BigInt(revision + 1), changes });
      expect(await stores[0].agenda('c0')).toEqual([agenda]);
    }
    for (const store of stores) await store.close();
  });

  it('shows a reader in another thread whole batches only', async () => {
    const store = openEmbeddedReadStore({ path });
    await store.apply(batch(1));
    const reader = new Worker(READER, { eval: true, workerData: { path, driver: driverPath() } });
    await once(reader, 'message');
    for (let n = 2; n <= 300; n++) await store.apply(batch(n));
    reader.postMessage('stop');
    const [told] = (await once(reader, 'message')) as [{ torn: unknown[]; seen: number[] }];
    expect(told.torn).toEqual([]);
    expect(told.seen.length).toBeGreaterThan(0);
    await reader.terminate();
    await store.close();
  });
});

const CUSTOMERS = Array.from({ length: 20 }, (_, index) => `c${index}`);

/** The n-th batch of projector `p`: revision n - 1 of each customer. */
function batch(n: number): ProjectionBatch {
  const revision = n - 1;
  const changes = CUSTOMERS.map((customerId) =>
    sampleChange(customerId, revision, {
      transactions: [sampleTransaction(customerId, revision)],
      ids: [sampleId(customerId, `id ${n}`, revision)],
    }),
  );
  return { projector: 'p', after: n === 1 ? undefined : BigInt(n - 1), checkpoint: BigInt(n), changes };
}

/** How many batches were written before the store was away. */
async function untilFull(store: ReadStore, from: number): Promise<number> {
  for (let n = from; ; n++) {
    try {
      await store.apply(batch(n));
    } catch (error) {
      expect(error).toBeInstanceOf(ReadStoreUnavailable);
      return n - 1;
    }
  }
}

/** A plain reader: in each snapshot every account stands at the same revision, and so do their transactions. */
const READER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require(workerData.driver);
  const db = new Database(workerData.path, { readonly: true });
  const count = db.prepare(\`
    SELECT (SELECT count(DISTINCT revision) FROM accounts) AS revisions, (SELECT max(revision) FROM accounts) AS at,
      (SELECT count(*) FROM transactions) AS transactions, (SELECT count(*) FROM ids) AS ids,
      (SELECT position FROM checkpoints) AS checkpoint\`);
  const torn = [], seen = [];
  let stopped = false;
  parentPort.on('message', () => { stopped = true; });
  parentPort.postMessage('ready');
  const look = () => {
    const row = count.get();
    seen.push(row.at);
    const rows = ${CUSTOMERS.length} * (row.at + 1);
    if (row.revisions !== 1 || row.transactions !== rows || row.ids !== rows || row.checkpoint !== row.at + 1) torn.push(row);
    if (stopped) parentPort.postMessage({ torn, seen });
    else setImmediate(look);
  };
  look();
`;

function driverPath(): string {
  return join(process.cwd(), 'node_modules', 'better-sqlite3');
}

function newDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'purser-read-store-'));
}
