import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface CheckedFile {
  readonly path: string;
  /** Whether it is only read: it need not be writable then. */
  readonly readonly: boolean;
  readonly Unusable: new (message: string, options?: { cause: unknown }) => Error;
}

/** Of the system's codes those that waiting does not mend. */
const LASTING = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/**
 * Whether a store's file can be opened, with what SQLite keeps beside it. SQLite says of all of this no more than that it
 * cannot open the file, as it does of what passes. Looks without opening: to close the file again would give up the
 * locks that this process has on it.
 */
export function checkFile({ path, readonly, Unusable }: CheckedFile, access = accessSync): void {
  if (isFolder(path)) throw new Unusable(`${path} is a folder, not a file`);
  if (readonly) return;
  const check = (what: string, place: string, mode: number): void => {
    try {
      access(place, mode);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (!LASTING.has(code ?? '')) return;
      throw new Unusable(`${what} may not be written to: ${message}`, { cause: error });
    }
  };
  const file = whereItIs(path);
  const [folder, name] = [dirname(file), basename(file)];
  check(`the folder of ${path}`, folder, constants.W_OK | constants.X_OK);
  for (const beside of ['', '-wal', '-shm']) {
    check(`${path}${beside}`, join(folder, `${name}${beside}`), constants.R_OK | constants.W_OK);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** SQLite follows links, and keeps its files beside what they lead to. */
function whereItIs(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
