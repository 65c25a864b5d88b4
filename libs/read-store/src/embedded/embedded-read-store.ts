import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { ACCOUNT_STATE_VERSION } from '#domain';
import { ReadStoreUnavailable, ReadStoreUnusable, type ReadStore } from '../port.js';
import { accountReads } from './account-reads.js';
import { batchWriter } from './apply-batch.js';
import { translated } from './errors.js';
import { outdatedAccounts } from './outdated-accounts.js';
import { schedule } from './schedule.js';
import { mustBeReadStoreOrEmpty, prepareSchema, schemaIsCurrent } from './schema.js';
import { transactionGroups } from './transaction-groups.js';
import { transactionPages } from './transaction-pages.js';

export interface EmbeddedReadStoreOptions {
  /** The database file; its folder must exist. Beside it SQLite keeps `-wal` and `-shm`. */
  readonly path: string;
  /** Only reads; the file must exist. Default false. */
  readonly readonly?: boolean;
  /** Most memory for cached pages, per connection. Default 32 MiB. */
  readonly cacheMiB?: number;
  /** Most the file may grow to; batches beyond it fail as on a full disk. Default: no limit but the disk's. */
  readonly maxMiB?: number;
  /** How long a write waits for another thread's or process's write. Default 10 s. */
  readonly busyTimeoutMs?: number;
  /** Snapshots of another version are ignored. Default: this code's; another one for tests only. */
  readonly stateVersion?: number;
}

/** Below it a page of a million-row table holds too few rows, above it a small change writes too much. */
const PAGE_SIZE = 8192;
/** Pages of the write-ahead log before they are moved into the file: seldom enough that batches run together. */
const CHECKPOINT_PAGES = 4000;

/**
 * The read store in one SQLite file. Several threads and processes may open it at once: readers see whole
 * batches and never wait; writers take turns. `synchronous=NORMAL`: a power failure may lose the last batches
 * (never part of one), and the projector writes them again from its checkpoint, which went with them.
 * @throws ReadStoreUnavailable when the file cannot be opened, ReadStoreUnusable when it is something else
 */
export function openEmbeddedReadStore(options: EmbeddedReadStoreOptions): ReadStore {
  const { path, readonly = false, busyTimeoutMs = 10_000 } = options;
  const stateVersion = options.stateVersion ?? ACCOUNT_STATE_VERSION;
  if (path === ':memory:') throw new ReadStoreUnusable('a read store is a file, not :memory:');
  if (!existsSync(dirname(path)))
    throw new ReadStoreUnavailable(`read store ${path}: there is no such folder`);
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly, timeout: busyTimeoutMs });
    configure(db, options);
    return readStoreOn(db, path, stateVersion, busyTimeoutMs);
  } catch (error) {
    db?.close();
    throw translated(error, path);
  }
}

function configure(db: Database.Database, options: EmbeddedReadStoreOptions): void {
  const { readonly = false, cacheMiB = 32, maxMiB } = options;
  // Before any setting that would stay in somebody else's file.
  mustBeReadStoreOrEmpty(db);
  db.pragma(`cache_size = ${-cacheMiB * 1024}`);
  if (readonly) {
    if (!schemaIsCurrent(db)) throw new ReadStoreUnavailable(`read store ${db.name} has not been set up yet`);
    return;
  }
  db.pragma(`page_size = ${PAGE_SIZE}`);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  if (maxMiB !== undefined) db.pragma(`max_page_count = ${Math.floor((maxMiB * 1024 * 1024) / PAGE_SIZE)}`);
  prepareSchema(db);
}

function readStoreOn(
  db: Database.Database,
  path: string,
  stateVersion: number,
  busyTimeoutMs: number,
): ReadStore {
  const groups = transactionGroups(db);
  const apply = batchWriter(db, groups, stateVersion);
  const reads = accountReads(db, stateVersion);
  const outdated = outdatedAccounts(db, stateVersion);
  const pages = transactionPages(db, groups);
  const due = schedule(db, busyTimeoutMs);
  const checkpoint = db
    .prepare<[string], bigint>('SELECT position FROM checkpoints WHERE projector = ?')
    .pluck()
    .safeIntegers();
  const anyCheckpoint = db.prepare('SELECT position FROM checkpoints LIMIT 1');

  /** SQLite answers at once; the port promises. */
  const answer = <T>(work: () => T): Promise<T> => {
    if (!db.open) return Promise.reject(new ReadStoreUnavailable(`read store ${path} is closed`));
    try {
      return Promise.resolve(work());
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what was thrown, or its translation
      return Promise.reject(translated(error, path));
    }
  };

  return {
    apply: (batch) => answer(() => apply(batch)),
    checkpoint: (projector) => answer(() => checkpoint.get(projector)),
    accounts: (customerIds) => answer(() => reads.accounts(customerIds)),
    outdated: (after, limit) => answer(() => outdated(after, limit)),
    seen: (lookups) => answer(() => reads.seen(lookups)),
    closedGrants: (customerId, grantIds) => answer(() => reads.closedGrants(customerId, grantIds)),
    transactions: (filter, pageSize, before) => answer(() => pages.page(filter, pageSize, before)),
    transaction: (customerId, revision) => answer(() => pages.one(customerId, revision)),
    changedAccounts: (after, limit) => answer(() => reads.changedAccounts(after, limit)),
    due: (query) => answer(() => due.due(query)),
    publishHorizons: (horizons) => answer(() => due.publishHorizons(horizons)),
    horizons: () => answer(() => due.horizons()),
    acquireLease: (name, holder, ttlMs) => answer(() => due.acquireLease(name, holder, ttlMs)),
    releaseLease: (name, holder) => answer(() => due.releaseLease(name, holder)),
    customerIds: (after, limit) => answer(() => reads.customerIds(after, limit)),
    agenda: (customerId) => answer(() => due.agenda(customerId)),
    rememberedIds: (customerId, after, limit) => answer(() => reads.rememberedIds(customerId, after, limit)),
    ping: () => answer(() => void anyCheckpoint.get()),
    close() {
      if (db.open) db.close();
      return Promise.resolve();
    },
  };
}
