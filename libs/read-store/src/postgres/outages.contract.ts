import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ReadStoreUnavailable, type ReadStore } from '../port.js';
import { acquirePostgres, type PostgresServer } from '../testing/postgres/index.js';
import { sampleChange, sampleId, sampleTransaction } from '../testing/samples.js';
import { openPostgresReadStore } from './postgres-read-store.js';

let server: PostgresServer;
let url: string;
let schemas = 0;

beforeAll(async () => {
  server = await acquirePostgres({ own: true });
  url = await server.createDatabase();
}, 120_000);

afterAll(async () => {
  await server.release();
}, 60_000);

describe('PostgreSQL read store whose connections break', () => {
  it('fails what needed them and recovers by itself', async () => {
    const store = await openPostgresReadStore({ url, schema: `store_${++schemas}` });
    await Promise.all(Array.from({ length: 5 }, () => store.ping()));
    await breakConnections();
    expect(await eventually(() => store.checkpoint('p'))).toBeUndefined();
    await store.close();
  });

  it('writes all or nothing of the batch it was at', async () => {
    const store = await openPostgresReadStore({ url, schema: `store_${++schemas}` });
    let stopped = false;
    const breaking = (async () => {
      while (!stopped) await breakConnections("AND state <> 'idle'");
    })();
    const failures: unknown[] = [];
    let at = 0;
    // Until enough was written and at least one batch was cut off.
    while (at < 100 || failures.length === 0) {
      try {
        await store.apply(batch(at + 1));
        at++;
      } catch (error) {
        failures.push(error);
        at = Number((await eventually(() => store.checkpoint('p'))) ?? 0n);
      }
    }
    stopped = true;
    await breaking;
    for (const failure of failures) expect(failure).toBeInstanceOf(ReadStoreUnavailable);
    await expectWhole(store, at);
    await store.close();
  }, 60_000);
});

describe('PostgreSQL read store on a server that goes away', () => {
  it.each(['stop', 'kill'] as const)(
    'says so, and goes on when it is back: %s',
    async (end) => {
      const schema = `store_${++schemas}`;
      const store = await openPostgresReadStore({ url, schema, connectTimeoutMs: 1000 });
      await store.apply(batch(1));
      await server[end]();
      const calls: (() => Promise<unknown>)[] = [
        () => store.ping(),
        () => store.apply(batch(2)),
        () => store.seen([{ customerId: 'c1', identity: 'id 1' }]),
        () => store.transactions({ customerId: 'c1' }, 10),
        () => store.acquireLease('projector 0', 'one', 1000),
        () => openPostgresReadStore({ url, schema, connectTimeoutMs: 1000 }),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(ReadStoreUnavailable);
      await server.restart();
      expect(await eventually(() => store.checkpoint('p'))).toBe(1n);
      await store.apply(batch(2));
      await expectWhole(store, 2);
      await store.close();
    },
    60_000,
  );
});

/** The n-th batch of projector `p`: revision n - 1 of the account c1. */
function batch(n: number) {
  const revision = n - 1;
  const change = sampleChange('c1', revision, {
    transactions: [sampleTransaction('c1', revision)],
    ids: [sampleId('c1', `id ${n}`, revision)],
  });
  return {
    projector: 'p',
    after: n === 1 ? undefined : BigInt(n - 1),
    checkpoint: BigInt(n),
    changes: [change],
  };
}

async function expectWhole(store: ReadStore, batches: number): Promise<void> {
  expect(await store.checkpoint('p')).toBe(BigInt(batches));
  const { rows } = await store.transactions({ customerId: 'c1' }, 1000);
  expect(rows.map(({ revision }) => revision)).toEqual(
    Array.from({ length: batches }, (_, at) => batches - 1 - at),
  );
  expect(await store.rememberedIds('c1', undefined, 1000)).toHaveLength(batches);
  expect((await store.accounts(['c1'])).get('c1')?.revision).toBe(batches - 1);
}

async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ReadStoreUnavailable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function breakConnections(which = ''): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'purser-read-store' AND datname = current_database() ${which}`,
    );
  } finally {
    await client.end();
  }
}
