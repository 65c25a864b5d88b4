import { ReadStoreUnusable, type ReadStore } from '#read-store';
import { openEmbeddedReadStore } from '#read-store/embedded';
import { openPostgresReadStore } from '#read-store/postgres';
import { checkFile } from './check-file.js';
import { makeFolderOf } from './make-folder-of.js';
import { sqlitePath } from './sqlite-path.js';

/**
 * The read store that a URL names: `sqlite:<path>` or `postgres://…`. Read-only, it must have been set up before, and
 * nothing can be written through it: SQLite and PostgreSQL themselves refuse.
 */
export async function openReadStore(
  url: string,
  { readonly = false }: { readonly readonly?: boolean } = {},
): Promise<ReadStore> {
  const path = sqlitePath(url);
  if (path === undefined) return openPostgresReadStore({ url, readonly });
  if (!readonly) makeFolderOf(path, ReadStoreUnusable);
  checkFile({ path, readonly, Unusable: ReadStoreUnusable });
  return openEmbeddedReadStore({ path, readonly });
}
