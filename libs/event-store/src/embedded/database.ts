import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { EventStoreUnavailable, EventStoreUnusable } from '../errors.js';
import { moveEventsIntoAppends } from './form-1.js';
import { unlessSqliteFails } from './sqlite-errors.js';

export type Sqlite = Database.Database;

const PAGE_BYTES = 8192;

/** 'PRSR': tells our files from any other SQLite database. */
const APPLICATION_ID = 0x50525352;

/** Grows by one whenever a file of the older form cannot be used as it is (see form-1.ts). */
const FORM = 2;

const STREAMS = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  );
`;

/**
 * A row is an append: position and revision are those of its last event, the others have the ones before. The events
 * themselves are in the blob (packed-append.ts). AUTOINCREMENT: a position is never given twice, whatever happens to
 * the newest rows.
 */
const APPENDS = `
  CREATE TABLE appends (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream INTEGER NOT NULL REFERENCES streams (id),
    revision INTEGER NOT NULL,
    events INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    blob BLOB NOT NULL,
    UNIQUE (stream, revision)
  );
`;

export interface DatabaseOptions {
  readonly path: string;
  readonly readonly: boolean;
  readonly maxBytes?: number | undefined;
}

/**
 * Opens the file (and creates it, or brings one of the former form to this one, unless read-only).
 *
 * @throws EventStoreUnavailable when the file cannot be opened, EventStoreUnusable when it is something else or of another form
 */
export function openDatabase({ path, readonly, maxBytes }: DatabaseOptions): Sqlite {
  if (path === ':memory:') throw new EventStoreUnusable('an event store is a file, not :memory:');
  if (!existsSync(dirname(path)))
    throw new EventStoreUnavailable(`event store ${path}: there is no such folder`);
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
  // Who finds the file ready need not wait for whoever is writing to it.
  if (formOf(db) !== FORM) db.transaction(bringToForm).immediate(db);
  db.pragma('busy_timeout = 50');
}

/** Within a transaction that has the lock: two processes that start together must not both find the file empty. */
function bringToForm(db: Sqlite): void {
  const form = formOf(db);
  if (form === 0 && isEmpty(db)) {
    db.exec(STREAMS);
    db.exec(APPENDS);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${FORM}`);
  } else if (form === 1 && isOurs(db)) {
    db.exec(APPENDS);
    moveEventsIntoAppends(db);
    db.pragma(`user_version = ${FORM}`);
  }
}

function formOf(db: Sqlite): unknown {
  return db.pragma('user_version', { simple: true });
}

function isEmpty(db: Sqlite): boolean {
  return db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
}

function isOurs(db: Sqlite): boolean {
  return db.pragma('application_id', { simple: true }) === APPLICATION_ID;
}

function check(db: Sqlite, path: string): void {
  if (!isOurs(db)) throw new EventStoreUnusable(`${path} is an SQLite file, but not an event store`);
  const form = formOf(db);
  if (form === FORM) return;
  const advice = form === 1 ? '; a process that may write to it brings it there when it opens it' : '';
  throw new EventStoreUnusable(`${path} has form ${String(form)}; this version reads form ${FORM}${advice}`);
}
