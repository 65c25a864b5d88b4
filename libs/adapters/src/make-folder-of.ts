import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes the folder of a store's file. Where it cannot be made no store can be, and waiting will not mend it. */
export function makeFolderOf(
  path: string,
  Unusable: new (message: string, options: { cause: unknown }) => Error,
): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Unusable(`the folder of ${path} cannot be made: ${reason}`, { cause: error });
  }
}
