import Database from 'better-sqlite3';
import { unlessSqliteFails } from './sqlite-errors.js';

export type Sqlite = Database.Database;

const PAGE_BYTES = 8192;

/** 'PRSR': tells our files from any other SQLite database. */
const APPLICATION_ID = 0x50525352;

/** Grows by one whenever a file of the older form cannot be used as it is. */
const FORM = 1;

const TABLES = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  );
  -- AUTOINCREMENT: a position is never given twice, whatever happens to the newest rows.
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
`;

export interface DatabaseOptions {
  readonly path: string;
  readonly readonly: boolean;
  readonly maxBytes?: number | undefined;
}

/**
 * Opens the file (and creates it unless read-only).
 *
 * @throws EventStoreUnavailable when the file cannot be opened, Error when it is something else than an event store
 */
export function openDatabase({ path, readonly, maxBytes }: DatabaseOptions): Sqlite {
  return unlessSqliteFails(`event store ${path}`, () => {
    // Waiting for another process's lock blocks this whole thread: wait briefly here, and longer between turns.
    const db = new Database(path, { readonly, fileMustExist: readonly, timeout: 50 });
    try {
      if (!readonly) prepare(db, maxBytes);
      check(db, path);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function prepare(db: Sqlite, maxBytes: number | undefined): void {
  db.pragma('busy_timeout = 5000');
  db.pragma(`page_size = ${PAGE_BYTES}`);
  db.pragma('journal_mode = WAL');
  // FULL: an append is on the disk before it is acknowledged.
  db.pragma('synchronous = FULL');
  db.pragma('wal_autocheckpoint = 10000');
  if (maxBytes !== undefined) db.pragma(`max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)}`);
  // Immediate: two processes that start together must not both find the file empty.
  db.transaction(() => {
    if (db.pragma('user_version', { simple: true }) === 0 && isEmpty(db)) {
      db.exec(TABLES);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${FORM}`);
    }
  }).immediate();
  db.pragma('busy_timeout = 50');
}

function isEmpty(db: Sqlite): boolean {
  return db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
}

function check(db: Sqlite, path: string): void {
  const application = db.pragma('application_id', { simple: true });
  if (application !== APPLICATION_ID) throw new Error(`${path} is an SQLite file, but not an event store`);
  const form = db.pragma('user_version', { simple: true });
  if (form !== FORM) throw new Error(`${path} has form ${String(form)}; this version reads form ${FORM}`);
}
