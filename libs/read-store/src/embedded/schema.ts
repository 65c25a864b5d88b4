import type { Database } from 'better-sqlite3';

/** Bumped when a table changes. The store can be rebuilt, so a file of another version is emptied, not migrated. */
const SCHEMA_VERSION = 1;

/**
 * Moments are milliseconds since 1970, amounts canonical decimal texts, ids chosen by senders storable texts
 * (storable-text.ts). Accounts are numbered, so that the large tables and their indexes stay small. Transactions
 * stand in the order in which they were written and only their indexes by account: a batch touches many accounts,
 * and to rewrite a page of each for a few rows was measured to cost a fifth of the throughput and half as much
 * write-ahead log again, while reads gained next to nothing.
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
    agenda TEXT NOT NULL,
    state TEXT NOT NULL
  );
  CREATE INDEX accounts_by_checkpoint ON accounts (checkpoint);

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
    recorded_at INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    change_included TEXT NOT NULL,
    change_purchased TEXT NOT NULL,
    change_promotional TEXT NOT NULL,
    change_held TEXT NOT NULL,
    included TEXT NOT NULL,
    purchased TEXT NOT NULL,
    promotional TEXT NOT NULL,
    held TEXT NOT NULL,
    uncovered TEXT NOT NULL,
    usage_source TEXT,
    usage_id TEXT,
    grant_id TEXT,
    hold_id TEXT,
    PRIMARY KEY (account_id, revision)
  );
  CREATE INDEX transactions_by_group ON transactions (account_id, group_id, revision, occurred_at);

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
    fingerprint TEXT NOT NULL,
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

/** Creates the tables, or empties a store of another version. Safe while other threads and processes open it. */
export function prepareSchema(db: Database): void {
  if (versionOf(db) === SCHEMA_VERSION) return;
  db.transaction(() => {
    // Another opener may have been faster.
    if (versionOf(db) === SCHEMA_VERSION) return;
    for (const table of tablesOf(db)) db.exec(`DROP TABLE "${table}"`);
    db.exec(TABLES);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  }).exclusive();
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
