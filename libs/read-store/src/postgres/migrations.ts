import pg from 'pg';
import { ReadStoreUnavailable, ReadStoreUnusable } from '../port.js';
import { translated } from './errors.js';

/**
 * Each is applied once, in order, and never changed afterwards. Moments are timestamps and amounts numeric, so
 * that both read well in SQL; ids chosen by senders are storable texts (storable-text.ts), compared by code point.
 * Accounts and groups are numbered, so that the large tables and their indexes stay small.
 */
const MIGRATIONS: readonly ((schema: string) => string)[] = [
  (schema) => `
    CREATE TABLE ${schema}.checkpoints (
      projector text PRIMARY KEY,
      position bigint NOT NULL
    );

    CREATE TABLE ${schema}.accounts (
      account_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      customer_id text COLLATE "C" NOT NULL UNIQUE,
      revision integer NOT NULL,
      checkpoint bigint NOT NULL,
      state_version integer NOT NULL,
      head_hash text NOT NULL,
      agenda text NOT NULL,
      state text NOT NULL
    );
    CREATE INDEX accounts_by_checkpoint ON ${schema}.accounts (checkpoint);

    CREATE TABLE ${schema}.transaction_groups (
      group_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      credit_system text NOT NULL,
      type text NOT NULL,
      touched integer NOT NULL,
      feature text,
      key text COLLATE "C" NOT NULL UNIQUE
    );

    CREATE TABLE ${schema}.transactions (
      account_id integer NOT NULL,
      revision integer NOT NULL,
      group_id integer NOT NULL,
      occurred_at timestamptz NOT NULL,
      recorded_at timestamptz NOT NULL,
      event_id text NOT NULL,
      change_included numeric NOT NULL,
      change_purchased numeric NOT NULL,
      change_promotional numeric NOT NULL,
      change_held numeric NOT NULL,
      included numeric NOT NULL,
      purchased numeric NOT NULL,
      promotional numeric NOT NULL,
      held numeric NOT NULL,
      uncovered numeric NOT NULL,
      usage_source text,
      usage_id text,
      grant_id text,
      hold_id text,
      PRIMARY KEY (account_id, revision)
    );
    CREATE INDEX transactions_by_group
      ON ${schema}.transactions (account_id, group_id, revision, occurred_at);

    CREATE TABLE ${schema}.transaction_spans (
      account_id integer NOT NULL,
      stretch integer NOT NULL,
      earliest timestamptz NOT NULL,
      latest timestamptz NOT NULL,
      PRIMARY KEY (account_id, stretch)
    );

    CREATE TABLE ${schema}.ids (
      account_id integer NOT NULL,
      digest uuid NOT NULL,
      revision integer NOT NULL,
      fingerprint text NOT NULL,
      PRIMARY KEY (account_id, digest)
    );

    CREATE TABLE ${schema}.closed_grants (
      account_id integer NOT NULL,
      grant_id text COLLATE "C" NOT NULL,
      credit_system text COLLATE "C" NOT NULL,
      state_version integer NOT NULL,
      state text NOT NULL,
      PRIMARY KEY (account_id, grant_id, credit_system)
    );

    CREATE TABLE ${schema}.agenda (
      queue text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      account_id integer NOT NULL,
      credit_system text NOT NULL,
      PRIMARY KEY (queue, at, account_id, credit_system)
    );
    CREATE INDEX agenda_by_account ON ${schema}.agenda (account_id);

    CREATE TABLE ${schema}.horizons (
      partition text COLLATE "C" PRIMARY KEY,
      consumed_through timestamptz NOT NULL
    );

    CREATE TABLE ${schema}.leases (
      name text PRIMARY KEY,
      holder text NOT NULL,
      ends_at timestamptz NOT NULL
    );
  `,
];

/** Any number will do, as long as every opener uses the same: "purser" in hexadecimal digits of ASCII. */
const ADVISORY_LOCK = 0x707572736572n;

/**
 * Brings the schema up to date. Openers take turns by an advisory lock, so any number of processes may start at
 * once; what one of them did the others find done.
 * @throws ReadStoreUnavailable; ReadStoreUnusable when the database is not UTF-8 or the schema is of a newer version
 */
export async function migrate(client: pg.PoolClient, schema: string): Promise<void> {
  const run = running(client);
  const encoding = (await run('SHOW server_encoding')).rows[0]?.['server_encoding'];
  if (encoding !== 'UTF8')
    throw new ReadStoreUnusable(`the read store needs a UTF8 database, this one is ${String(encoding)}`);
  await run('BEGIN');
  try {
    await run(`SELECT pg_advisory_xact_lock(${ADVISORY_LOCK})`);
    await run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await run(
      `CREATE TABLE IF NOT EXISTS ${schema}.migrations (version integer PRIMARY KEY, applied_at timestamptz)`,
    );
    const applied = (await run(`SELECT coalesce(max(version), 0) AS version FROM ${schema}.migrations`))
      .rows[0];
    const version = Number(applied?.['version']);
    if (version > MIGRATIONS.length) {
      throw new ReadStoreUnusable(
        `read store schema ${schema} is of version ${version}, this code knows ${MIGRATIONS.length}: drop it, and it is made anew`,
      );
    }
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < version) continue;
      await run(migration(schema));
      await run(`INSERT INTO ${schema}.migrations VALUES (${index + 1}, now())`);
    }
    await run('COMMIT');
  } catch (error) {
    await run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * For those who only read: finds the schema as this code knows it, and changes nothing.
 * @throws ReadStoreUnavailable when there is no schema, it is of another version, or the connection may write
 */
export async function mustBeCurrent(client: pg.PoolClient, schema: string): Promise<void> {
  const run = running(client);
  // A pooler between here and the server may keep the setting to itself.
  const readOnly = (await run('SHOW transaction_read_only')).rows[0]?.['transaction_read_only'];
  if (readOnly !== 'on') throw new ReadStoreUnavailable('the connection to the read store is not read-only');
  const found = await client
    .query<{ version: number }>(`SELECT coalesce(max(version), 0) AS version FROM ${schema}.migrations`)
    .catch((error: unknown) => {
      const missing = error instanceof pg.DatabaseError && NOT_THERE.has(error.code ?? '');
      if (missing) throw new ReadStoreUnavailable(`read store schema ${schema} has not been set up yet`);
      throw translated(error);
    });
  const version = Number(found.rows[0]?.version);
  if (version !== MIGRATIONS.length) {
    throw new ReadStoreUnavailable(
      `read store schema ${schema} is of version ${version}, this code reads ${MIGRATIONS.length}`,
    );
  }
}

/** SQLSTATEs of a missing table and of a missing schema. */
const NOT_THERE = new Set(['42P01', '3F000']);

function running(client: pg.PoolClient) {
  return async (text: string): Promise<pg.QueryResult<Record<string, unknown>>> => {
    try {
      return await client.query<Record<string, unknown>>(text);
    } catch (error) {
      throw translated(error);
    }
  };
}
