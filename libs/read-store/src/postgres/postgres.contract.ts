import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { instant } from '#domain';
import type { TransactionType } from '#projections';
import { ReadStoreUnavailable, ReadStoreUnusable, type ReadStore, type TransactionFilter } from '../port.js';
import { describeReadStore } from '../testing/contract/index.js';
import { acquirePostgres, type PostgresServer } from '../testing/postgres/index.js';
import {
  sampleChange,
  sampleGrant,
  sampleRow,
  sampleState,
  sampleTransaction,
  settleAt,
  START,
} from '../testing/samples.js';
import { openPostgresReadStore } from './postgres-read-store.js';

let server: PostgresServer;
let url: string;
let schemas = 0;

beforeAll(async () => {
  server = await acquirePostgres();
  url = await server.createDatabase();
}, 120_000);

afterAll(async () => {
  await server.release();
}, 60_000);

describeReadStore('PostgreSQL', () => {
  const schema = `store_${++schemas}`;
  return Promise.resolve({
    open: (options) => openPostgresReadStore({ url, schema, poolSize: 3, ...options }),
    destroy: async () => {
      await administer(`DROP SCHEMA "${schema}" CASCADE`);
    },
  });
});

describe('PostgreSQL read store', () => {
  it('lets many processes open an empty database at once', async () => {
    const schema = `store_${++schemas}`;
    const stores = await Promise.all(Array.from({ length: 8 }, () => openPostgresReadStore({ url, schema })));
    const [first, second] = stores;
    await first?.apply({ projector: 'p', after: undefined, checkpoint: 1n, changes: [sampleChange('c1')] });
    expect(await second?.customerIds(undefined, 10)).toEqual(['c1']);
    for (const store of stores) await store.close();
    // Opened again: what is there stays.
    const again = await openPostgresReadStore({ url, schema });
    expect(await again.checkpoint('p')).toBe(1n);
    await again.close();
  });

  it('refuses a schema of a newer version', async () => {
    const schema = `store_${++schemas}`;
    await (await openPostgresReadStore({ url, schema })).close();
    await administer(`INSERT INTO "${schema}".migrations VALUES (1000, now())`);
    const opening = openPostgresReadStore({ url, schema });
    await expect(opening).rejects.toThrow(/version 1000/);
    await expect(opening).rejects.toBeInstanceOf(ReadStoreUnusable);
  });

  describe('opened with a URL that names', () => {
    const changed = (change: (url: URL) => void): string => {
      const wrong = new URL(url);
      change(wrong);
      return wrong.href;
    };
    it.each<[string, () => string, RegExp]>([
      ['a wrong password', () => changed((u) => (u.password = 'wrong')), /password authentication failed/],
      ['nobody', () => changed((u) => (u.username = 'nobody')), /authentication failed for user "nobody"/],
      ['no database', () => changed((u) => (u.pathname = '/none')), /database "none" does not exist/],
      ['a port beyond all', () => 'postgres://u:s3cret@h:99999/x', /the port must be from 1 to 65535/],
      [
        'a port beyond all as an option',
        () => 'postgres://h/x?port=99999',
        /the port must be from 1 to 65535/,
      ],
      ['a port that is none', () => 'postgres://h/x?port=none', /the port must be from 1 to 65535/],
      ['a password with a slash', () => 'postgres://u:s3cret/s3cret@h/x', /it cannot be read; .*%2F/],
      ['a password that escapes nothing', () => 'postgres://u:s3cret%ff@h/x', /a % escapes nothing; /],
      ['no certificate', () => 'postgres://u:s3cret@h/x?sslrootcert=/no/ca.pem', /ENOENT.*no.ca\.pem/],
    ])('%s, says what is wrong instead of waiting', async (_, wrong, problem) => {
      for (const readonly of [false, true]) {
        const thrown: unknown = await openPostgresReadStore({ url: wrong(), readonly }).catch(
          (e: unknown) => e,
        );
        expect(thrown).toBeInstanceOf(ReadStoreUnusable);
        expect(thrown).toMatchObject({ message: expect.stringMatching(problem) });
        expect(inspect(thrown)).not.toMatch(/s3cret/);
      }
    });

    it('a user who may not make the schema', async () => {
      await administer(`CREATE ROLE guest LOGIN PASSWORD 'guest'`);
      const guest = changed((u) => ([u.username, u.password] = ['guest', 'guest']));
      const opening = openPostgresReadStore({ url: guest, schema: `store_${++schemas}` });
      await expect(opening).rejects.toBeInstanceOf(ReadStoreUnusable);
      await expect(opening).rejects.toThrow(/permission denied/);
      await administer('DROP ROLE guest');
    });

    it('no password takes it from PGPASSWORD, whatever it is made of', async () => {
      const password = 'p@ss#w/o r%d:?&';
      await administer(`CREATE ROLE operator SUPERUSER LOGIN PASSWORD '${password}'`);
      const before = process.env['PGPASSWORD'];
      process.env['PGPASSWORD'] = password;
      try {
        const schema = `store_${++schemas}`;
        const without = changed((u) => ([u.username, u.password] = ['operator', '']));
        for (const readonly of [false, true]) {
          const store = await openPostgresReadStore({ url: without, schema, readonly });
          await store.ping();
          await store.close();
        }
        await administer(`DROP SCHEMA "${schema}" CASCADE; DROP ROLE operator`);
      } finally {
        if (before === undefined) delete process.env['PGPASSWORD'];
        else process.env['PGPASSWORD'] = before;
      }
    });
  });

  it('says that it is away once its database is dropped, and goes on when it is there again', async () => {
    const own = await server.createDatabase();
    const name = new URL(own).pathname.slice(1);
    const store = await openPostgresReadStore({ url: own });
    await administer(`DROP DATABASE "${name}" WITH (FORCE)`);
    for (let asked = 0; asked < 3; asked++)
      await expect(store.ping()).rejects.toBeInstanceOf(ReadStoreUnavailable);
    await administer(`CREATE DATABASE "${name}" ENCODING 'UTF8' TEMPLATE template0`);
    await (await openPostgresReadStore({ url: own })).close();
    await store.ping();
    await store.close();
  });

  describe('opened read-only', () => {
    const first = { projector: 'p', after: undefined, checkpoint: 1n, changes: [sampleChange('c1')] };

    it('reads what is there and follows it, and the server refuses every write', async () => {
      const schema = `store_${++schemas}`;
      const writer = await openPostgresReadStore({ url, schema });
      const changes = [sampleChange('c1', 0, { transactions: [sampleTransaction('c1', 0)] })];
      await writer.apply({ ...first, changes });
      const reader = await openPostgresReadStore({ url, schema, readonly: true });
      expect(await reader.checkpoint('p')).toBe(1n);
      expect((await reader.transactions({ customerId: 'c1' }, 10)).rows).toHaveLength(1);
      const writes = [
        () => reader.apply({ ...first, after: 1n, checkpoint: 2n }),
        () =>
          reader.publishHorizons([{ partition: 't/0', consumedThrough: instant('2026-01-01T00:00:00Z') }]),
        () => reader.acquireLease('projector', 'auditor', 1000),
      ];
      for (const write of writes) await expect(write()).rejects.toThrow(/read-only transaction/);
      expect(await writer.checkpoint('p')).toBe(1n);
      expect(await writer.horizons()).toEqual([]);
      await writer.apply({ ...first, after: 1n, checkpoint: 2n, changes: [sampleChange('c2')] });
      expect(await reader.customerIds(undefined, 10)).toEqual(['c1', 'c2']);
      await reader.close();
      await writer.close();
    });

    it('stays so whatever options the URL has of its own', async () => {
      const schema = `store_${++schemas}`;
      await (await openPostgresReadStore({ url, schema })).close();
      const writing = new URL(url);
      writing.searchParams.set('options', '-c default_transaction_read_only=off -c statement_timeout=9s');
      const reader = await openPostgresReadStore({ url: writing.href, schema, readonly: true });
      await expect(reader.apply(first)).rejects.toThrow(/read-only transaction/);
      await reader.close();
    });

    it('makes no schema where there is none, and refuses one of another version', async () => {
      const schema = `store_${++schemas}`;
      const open = () => openPostgresReadStore({ url, schema, readonly: true });
      await expect(open()).rejects.toThrow(/has not been set up yet/);
      await administer(`CREATE SCHEMA "${schema}"`);
      await expect(open()).rejects.toThrow(/has not been set up yet/);
      const tables = `SELECT 1 FROM information_schema.tables WHERE table_schema = '${schema}'`;
      expect(await administer(tables)).toEqual([]);
      await (await openPostgresReadStore({ url, schema })).close();
      await administer(`UPDATE "${schema}".migrations SET version = version + 1000`);
      await expect(open()).rejects.toThrow(/is of version 100\d, this code reads \d+$/);
      await administer(`DELETE FROM "${schema}".migrations`);
      await expect(open()).rejects.toBeInstanceOf(ReadStoreUnavailable);
    });
  });

  it('asks more at once than it has connections, and answers all', async () => {
    const schema = `store_${++schemas}`;
    const store = await openPostgresReadStore({ url, schema, poolSize: 2 });
    await store.apply({ projector: 'p', after: undefined, checkpoint: 1n, changes: [sampleChange('c1')] });
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.accounts(['c1'])));
    expect(answers.map((rows) => rows.size)).toEqual(answers.map(() => 1));
    await store.close();
  });

  it('tells the planner how large the tables are while a store is rebuilt', async () => {
    const schema = `store_${++schemas}`;
    const store = await openPostgresReadStore({ url, schema });
    const rows = Array.from({ length: 12_000 }, (_, revision) => sampleTransaction('c1', revision));
    const changes = [sampleChange('c1', rows.length - 1, { transactions: rows })];
    await store.apply({ projector: 'p', after: undefined, checkpoint: 1n, changes });
    const analysed = await administer(
      `SELECT relname FROM pg_stat_user_tables WHERE schemaname = '${schema}' AND last_analyze IS NOT NULL`,
    );
    expect(analysed.map((row) => row['relname'])).toContain('transactions');
    await store.close();
  });

  it('writes a batch whose accounts are too long for one statement', async () => {
    const schema = `store_${++schemas}`;
    const store = await openPostgresReadStore({ url, schema });
    const customers = ['c1', 'c2', 'c3'];
    const change = (customerId: string, revision: number) => {
      const reason = `${customerId} at ${revision} `.padEnd(9_000_000, 'x');
      const grant = sampleGrant('long', { origin: { kind: 'promotion', reason, actor: 'support' } });
      return sampleChange(customerId, revision, {
        row: sampleRow(customerId, revision, { state: sampleState([grant]) }),
        transactions: [sampleTransaction(customerId, revision)],
        closedGrants: [{ customerId, creditSystem: 'ai-tokens', grant: sampleGrant('closed') }],
        agenda: [settleAt(customerId, '2026-02-01T00:00:00.000Z')],
      });
    };
    for (const revision of [0, 1]) {
      const changes = customers.map((customerId) => change(customerId, revision));
      const after = revision === 0 ? undefined : BigInt(revision);
      await store.apply({ projector: 'p', after, checkpoint: BigInt(revision + 1), changes });
      for (const { row, closedGrants, agenda } of changes) {
        expect((await store.accounts([row.customerId])).get(row.customerId)).toEqual(row);
        expect((await store.closedGrants(row.customerId)).rows).toEqual(closedGrants);
        expect(await store.agenda(row.customerId)).toEqual(agenda);
        expect((await store.transaction(row.customerId, revision))?.revision).toBe(revision);
      }
    }
    await store.close();
  });

  describe('whose schema is dropped while it is open', () => {
    const batch = (customerId: string, after: bigint | undefined, types: readonly TransactionType[]) => ({
      projector: 'p',
      after,
      checkpoint: (after ?? 0n) + 1n,
      changes: [
        sampleChange(customerId, types.length - 1, {
          transactions: types.map((type, revision) => sampleTransaction(customerId, revision, { type })),
        }),
      ],
    });
    const dropped = async (schema: string): Promise<void> => {
      await administer(`DROP SCHEMA "${schema}" CASCADE`);
    };
    const typesOf = async (store: ReadStore, customerId: string) =>
      (await store.transactions({ customerId }, 10)).rows.map(({ type }) => type);

    it('says that it is away, and goes on once the schema is made anew', async () => {
      const schema = `store_${++schemas}`;
      const store = await openPostgresReadStore({ url, schema });
      await store.apply(batch('c1', undefined, ['granted']));
      await dropped(schema);
      const calls: (() => Promise<unknown>)[] = [
        () => store.ping(),
        () => store.apply(batch('c1', 1n, [])),
        () => store.accounts(['c1']),
        () => store.seen([{ customerId: 'c1', identity: 'id' }]),
        () => store.closedGrants('c1'),
        () => store.transaction('c1', 0),
        () => store.transactions({ customerId: 'c1', types: ['granted'] }, 10),
        () => store.due({ now: instant('2030-01-01T00:00:00Z'), usageHorizons: {}, limit: 10 }),
        () => store.acquireLease('projector', 'one', 1000),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(ReadStoreUnavailable);
      await (await openPostgresReadStore({ url, schema })).close();
      expect(await store.checkpoint('p')).toBeUndefined();
      expect((await store.accounts(['c1'])).size).toBe(0);
      await store.close();
    });

    it('reads transactions by the words of the schema that was made anew, though nobody told it', async () => {
      const schema = `store_${++schemas}`;
      const reader = await openPostgresReadStore({ url, schema });
      await reader.apply(batch('c1', undefined, ['granted', 'debited']));
      expect(await typesOf(reader, 'c1')).toEqual(['debited', 'granted']);
      await dropped(schema);
      const other = await openPostgresReadStore({ url, schema });
      await other.apply(batch('c0', undefined, ['debited']));
      await other.apply(batch('c1', 1n, ['granted', 'debited']));
      expect((await reader.transaction('c1', 0))?.type).toBe('granted');
      expect(await typesOf(reader, 'c1')).toEqual(['debited', 'granted']);
      const { rows } = await reader.transactions({ customerId: 'c1', types: ['granted'] }, 10);
      expect(rows.map(({ revision }) => revision)).toEqual([0]);
      await reader.close();
      await other.close();
    });

    it.each<[string, Partial<TransactionFilter>]>([
      ['', {}],
      [' of some types', { types: ['debited'] }],
      [' of a time', { from: START }],
    ])(
      'shows no transactions%s of the one who has the number now, in the middle of a page',
      async (_, filter) => {
        const [schema, next] = [`store_${++schemas}`, `store_${++schemas}`];
        // One connection: whoever asks first keeps the second statement of the page waiting.
        const store = await openPostgresReadStore({ url, schema, poolSize: 1 });
        await store.apply(batch('alice', undefined, ['debited', 'granted']));
        expect((await store.transactions({ customerId: 'alice', ...filter }, 10)).rows).not.toEqual([]);
        const other = await openPostgresReadStore({ url, schema: next });
        await other.apply(batch('bob', undefined, ['debited', 'granted']));
        await other.close();
        const admin = new pg.Client({ connectionString: url });
        await admin.connect();
        await admin.query(`BEGIN; LOCK TABLE "${schema}".horizons`);
        const page = store.transactions({ customerId: 'alice', ...filter }, 10);
        const between = store.horizons();
        await untilWaiting(admin);
        await admin.query(
          `DROP SCHEMA "${schema}" CASCADE; ALTER SCHEMA "${next}" RENAME TO "${schema}"; COMMIT`,
        );
        await admin.end();
        await between.catch(() => undefined);
        await expect(page).rejects.toThrow(/was dropped and made anew/);
        expect((await store.transactions({ customerId: 'bob', ...filter }, 10)).rows).not.toEqual([]);
        expect((await store.transactions({ customerId: 'alice', ...filter }, 10)).rows).toEqual([]);
        await store.close();
      },
    );

    it('writes no transactions by the words of the schema that is gone', async () => {
      const schema = `store_${++schemas}`;
      const writer = await openPostgresReadStore({ url, schema });
      await writer.apply(batch('c1', undefined, ['granted', 'debited']));
      await dropped(schema);
      const other = await openPostgresReadStore({ url, schema });
      await other.apply(batch('c0', undefined, ['debited']));
      const next = batch('c1', 1n, ['granted', 'debited']);
      await expect(writer.apply(next)).rejects.toBeInstanceOf(ReadStoreUnavailable);
      expect(await writer.checkpoint('p')).toBe(1n);
      await writer.apply(next);
      expect(await typesOf(other, 'c1')).toEqual(['debited', 'granted']);
      await writer.close();
      await other.close();
    });
  });

  it('says that it is away when nobody listens', async () => {
    const nowhere = 'postgres://postgres:x@127.0.0.1:1/purser';
    await expect(openPostgresReadStore({ url: nowhere })).rejects.toBeInstanceOf(ReadStoreUnavailable);
  });

  it('counts a server that does not answer in time as away, and goes on with another connection', async () => {
    const schema = `store_${++schemas}`;
    const store = await openPostgresReadStore({ url, schema, poolSize: 1, queryTimeoutMs: 300 });
    await store.apply({ projector: 'p', after: undefined, checkpoint: 1n, changes: [sampleChange('c1')] });
    const locker = new pg.Client({ connectionString: url });
    await locker.connect();
    await locker.query(`BEGIN; LOCK TABLE "${schema}".accounts`);
    await expect(store.accounts(['c1'])).rejects.toBeInstanceOf(ReadStoreUnavailable);
    await locker.query('ROLLBACK');
    await locker.end();
    expect((await store.accounts(['c1'])).size).toBe(1);
    await store.close();
  });
});

/** Until a statement waits for what this client has locked. */
async function untilWaiting(client: pg.Client): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query('SELECT 1 FROM pg_locks WHERE NOT granted');
    if (rowCount) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function administer(statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
