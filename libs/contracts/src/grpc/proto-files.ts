import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PACKAGE = 'purser/v1';

/** Every gRPC service of the package. */
export const SERVICES = ['LedgerService', 'CatalogService', 'WalletService', 'AuditService'] as const;

const FILES = ['types', 'ledger', 'catalog', 'wallet', 'audit'];

/** Absolute path of the folder that proto imports are relative to. */
export function protoDirectory(): string {
  return join(repositoryRoot(), 'schemas', 'proto');
}

/** Absolute paths of all proto files; the same whether this runs from the sources or from dist. */
export function protoFiles(): string[] {
  return FILES.map((name) => join(protoDirectory(), PACKAGE, `${name}.proto`));
}

/** The nearest folder above with the package's manifest. */
function repositoryRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}`);
    folder = parent;
  }
  return folder;
}
