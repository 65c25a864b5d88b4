import { EventStoreUnavailable, EventStoreUnusable } from '../errors.js';

/** Conditions of the machine that may pass (disk full, locked, I/O), as opposed to defects and damage. */
const PASSING = ['FULL', 'IOERR', 'BUSY', 'LOCKED', 'CANTOPEN', 'READONLY', 'NOMEM', 'PROTOCOL'];

/** SQLite's error code, such as SQLITE_FULL or SQLITE_IOERR_WRITE; undefined for anything else. */
export function sqliteCode(error: unknown): string | undefined {
  // By shape: every module registry that loads the driver (one per Jest file) has an error class of its own, and the
  // driver throws that of the first, which is not even an Error of the others.
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : undefined;
}

/** Another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') ?? false;
}

/** Reading from or writing to the disk failed: of a commit, nobody knows how much reached it. */
export function isIoError(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_IOERR') ?? false;
}

/** What a caller gets for an error of SQLite; anything else is passed on as it is. */
export function translated(what: string, error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === 'SQLITE_NOTADB') return new EventStoreUnusable(`${what} is not a database`, { cause: error });
  if (code?.startsWith('SQLITE_CORRUPT')) {
    return new EventStoreUnusable(`${what} is damaged: ${messageOf(error)}`, { cause: error });
  }
  if (code === undefined || !PASSING.some((name) => code.startsWith(`SQLITE_${name}`))) return error;
  return new EventStoreUnavailable(`${what}: ${code} (${messageOf(error)})`, { cause: error });
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error && 'message' in error ? String(error.message) : '';
}

/** Runs `work`; errors of SQLite that may pass become EventStoreUnavailable, a file of another kind or a damaged one EventStoreUnusable. */
export function unlessSqliteFails<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(what, error);
  }
}
