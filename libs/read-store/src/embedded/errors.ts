import { ReadStoreUnavailable, ReadStoreUnusable } from '../port.js';

/** Of SQLite's result codes those that may pass: locked by another, disk full or failing, file not there. */
const PASSING = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY_DBMOVED|NOMEM|PROTOCOL)/;

/** The error to throw instead of one that came out of SQLite. */
export function translated(error: unknown, path: string): unknown {
  // By its shape: the driver's error class is one per process, its module may be loaded more than once.
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error))
    return error;
  const { code, message } = error;
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error;
  if (code === 'SQLITE_NOTADB')
    return new ReadStoreUnusable(`read store ${path} is not a database`, { cause: error });
  if (code.startsWith('SQLITE_CORRUPT'))
    return new ReadStoreUnusable(`read store ${path} is damaged: ${String(message)}`, { cause: error });
  // A defect stays one, but as an error of this program: the driver's need not be an Error to whoever catches it.
  if (!PASSING.test(code))
    return new Error(`read store ${path}: ${code}: ${String(message)}`, { cause: error });
  return new ReadStoreUnavailable(`read store ${path}: ${code}: ${String(message)}`, { cause: error });
}
