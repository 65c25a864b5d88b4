import type { Database } from 'better-sqlite3';
import { ReadStoreUnusable } from '../port.js';

/** 'PRRS': tells our files from any other SQLite database. */
const APPLICATION_ID = 0x50525253;

/** Files from before there was an id have 0, as every other database has, and these among their tables. */
const TABLES_OF_FILES_WITHOUT_ID = ['accounts', 'checkpoints', 'closed_grants', 'leases'];

/** Bumped when a table changes. The store can be rebuilt, so a file of another version is emptied, not migrated. */
const SCHEMA_VERSION = 4;

/**
 * Moments are milliseconds since 1970, ids chosen by senders storable texts (storable-text.ts), hashes their bytes.
 * Accounts are numbered, so that the large tables and their indexes stay small. Each index of a large table costs
 * every event a place in a page of its account: hence as few and as narrow as possible.
 *
 * `accounts` has what nearly every event changes, and so little of it that many accounts share a page: a batch writes
 * a page for each account it touches, or for thirty of them. `account_snapshots` has the state as it was when more than
 * `moving` changed last (moving-snapshot.ts); together they are the state as it is.
 *
 * `transactions`: all of it stands in `content` (stored-transaction.ts), what is filtered or sorted by in columns too.
 * The rows stand in the order in which they were written, and one index finds them by account and group, whether or
 * not groups are asked for (transaction-pages.ts). To keep the rows themselves by account was measured to cost a
 * fifth of the throughput, because a batch touches many accounts, while reads gained next to nothing.
 */
const TABLES = `
  CREATE TABLE checkpoints (
    projector TEXT PRIMARY KEY,
    position INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE accounts (
    account_id INTEGER PRIMARY KEY,
    customer_id TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    checkpoint INTEGER NOT NULL,
    state_version INTEGER NOT NULL,
    head_hash TEXT NOT NULL,
    moving TEXT NOT NULL
  );
  CREATE INDEX accounts_by_checkpoint ON accounts (checkpoint);

  CREATE TABLE account_snapshots (
    account_id INTEGER PRIMARY KEY,
    agenda TEXT NOT NULL,
    state TEXT NOT NULL
  );

  CREATE TABLE transaction_groups (
    group_id INTEGER PRIMARY KEY,
    credit_system TEXT NOT NULL,
    type TEXT NOT NULL,
    touched INTEGER NOT NULL,
    feature TEXT
  );

  CREATE TABLE transactions (
    account_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    content TEXT NOT NULL
  );
  CREATE UNIQUE INDEX transactions_by_group ON transactions (account_id, group_id, revision, occurred_at);

  CREATE TABLE transaction_spans (
    account_id INTEGER NOT NULL,
    stretch INTEGER NOT NULL,
    earliest INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    PRIMARY KEY (account_id, stretch)
  ) WITHOUT ROWID;

  CREATE TABLE ids (
    account_id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    revision INTEGER NOT NULL,
    fingerprint NOT NULL,
    PRIMARY KEY (account_id, digest)
  ) WITHOUT ROWID;

  CREATE TABLE closed_grants (
    account_id INTEGER NOT NULL,
    grant_id TEXT NOT NULL,
    credit_system TEXT NOT NULL,
    state_version INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (account_id, grant_id, credit_system)
  ) WITHOUT ROWID;

  CREATE TABLE agenda (
    queue TEXT NOT NULL,
    at INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    credit_system TEXT NOT NULL,
    PRIMARY KEY (queue, at, account_id, credit_system)
  ) WITHOUT ROWID;
  CREATE INDEX agenda_by_account ON agenda (account_id);

  CREATE TABLE horizons (
    partition TEXT PRIMARY KEY,
    consumed_through INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    ends_at INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

/**
 * Creates the tables, or empties a store of another version. Safe while other threads and processes open it.
 * @throws ReadStoreUnusable when the database is something else's: nothing of it is touched
 */
export function prepareSchema(db: Database): void {
  if (versionOf(db) === SCHEMA_VERSION) return;
  db.transaction(() => {
    // Another opener may have been faster.
    mustBeReadStoreOrEmpty(db);
    if (versionOf(db) === SCHEMA_VERSION) return;
    for (const table of tablesOf(db)) db.exec(`DROP TABLE "${table}"`);
    db.exec(TABLES);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  }).exclusive();
}

/** @throws ReadStoreUnusable when the file is a database, but not a read store */
export function mustBeReadStoreOrEmpty(db: Database): void {
  // The tables first: whoever makes them gives the id with them.
  const tables = tablesOf(db);
  const id = db.pragma('application_id', { simple: true });
  if (id === APPLICATION_ID) return;
  const without = tables.length === 0 || TABLES_OF_FILES_WITHOUT_ID.every((table) => tables.includes(table));
  if (id !== 0 || !without) throw new ReadStoreUnusable(`${db.name} is an SQLite file, but not a read store`);
}

export function schemaIsCurrent(db: Database): boolean {
  return versionOf(db) === SCHEMA_VERSION;
}

function versionOf(db: Database): unknown {
  return db.pragma('user_version', { simple: true });
}

function tablesOf(db: Database): readonly string[] {
  return db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
}
