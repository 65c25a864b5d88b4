import { ReadStoreUnavailable, ReadStoreUnusable } from '../port.js';

/** Of SQLite's result codes those that may pass: locked by another, disk full or failing, file not there. */
const PASSING = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY_DBMOVED|NOMEM|PROTOCOL)/;

/** Another connection writes just now, and has done so for as long as this one may wait. */
export function isBusy(error: unknown): boolean {
  return resultCode(error)?.startsWith('SQLITE_BUSY') === true;
}

/** The error to throw instead of one that came out of SQLite. */
export function translated(error: unknown, path: string): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  const { message } = error as { readonly message: unknown };
  if (code === 'SQLITE_NOTADB')
    return new ReadStoreUnusable(`read store ${path} is not a database`, { cause: error });
  if (code.startsWith('SQLITE_CORRUPT'))
    return new ReadStoreUnusable(`read store ${path} is damaged: ${String(message)}`, { cause: error });
  // A defect stays one, but as an error of this program: the driver's need not be an Error to whoever catches it.
  if (!PASSING.test(code))
    return new Error(`read store ${path}: ${code}: ${String(message)}`, { cause: error });
  return new ReadStoreUnavailable(`read store ${path}: ${code}: ${String(message)}`, { cause: error });
}

/** Of SQLite; by the error's shape: the driver's error class is one per process, its module may be loaded more than once. */
function resultCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error))
    return undefined;
  const { code } = error;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}
