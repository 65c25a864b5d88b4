import { ACCOUNT_STATE_VERSION } from '#domain';
import pg from 'pg';
import type { ReadStore } from '../port.js';
import { accountReads } from './account-reads.js';
import { batchWriter } from './apply-batch.js';
import { checkUrl } from './check-url.js';
import { openDatabase } from './database.js';
import { translatedAtOpening } from './errors.js';
import { migrate, mustBeCurrent } from './migrations.js';
import { outdatedAccounts } from './outdated-accounts.js';
import { schedule } from './schedule.js';
import { rebuildStatistics } from './statistics.js';
import { transactionGroups } from './transaction-groups.js';
import { transactionPages } from './transaction-pages.js';

export interface PostgresReadStoreOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  /** The schema that holds the tables; made when it is not there. Default `purser`. */
  readonly schema?: string;
  /**
   * Only reads: the server refuses every write, whoever asks, and the schema must be there already, of this code's
   * version. Default false.
   */
  readonly readonly?: boolean;
  /** Connections at most; the projector and each waiting read need one. Default 10. */
  readonly poolSize?: number;
  /** Default 5 s. */
  readonly connectTimeoutMs?: number;
  /** A server that does not answer for so long counts as away. Default 30 s. */
  readonly queryTimeoutMs?: number;
  /** Told about idle connections that broke, for the log; nothing needs to be done. */
  readonly onConnectionLost?: (error: Error) => void;
  /** Snapshots of another version are ignored. Default: this code's; another one for tests only. */
  readonly stateVersion?: number;
}

/**
 * The read store in PostgreSQL (14 or newer). Unless it only reads, brings its schema up to date before it answers;
 * any number of processes may open it at once. A connection that is lost makes the calls that needed it fail with
 * `ReadStoreUnavailable`; later calls connect again by themselves.
 * @throws ReadStoreUnavailable; ReadStoreUnusable when the URL is wrong, or what it names can be no read store
 */
export async function openPostgresReadStore(options: PostgresReadStoreOptions): Promise<ReadStore> {
  const schema = pg.escapeIdentifier(options.schema ?? 'purser');
  const stateVersion = options.stateVersion ?? ACCOUNT_STATE_VERSION;
  const readonly = options.readonly ?? false;
  checkUrl(options.url);
  const db = openDatabase({
    url: options.url,
    readonly,
    poolSize: options.poolSize ?? 10,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    queryTimeoutMs: options.queryTimeoutMs ?? 30_000,
    onConnectionLost: options.onConnectionLost ?? (() => undefined),
  });
  try {
    await db.session((client) => (readonly ? mustBeCurrent(client, schema) : migrate(client, schema)));
  } catch (error) {
    await db.close();
    throw translatedAtOpening(error);
  }
  const groups = transactionGroups(db, schema);
  const write = batchWriter(db, groups, schema, stateVersion);
  const afterBatch = rebuildStatistics(db, schema);
  return {
    ...accountReads(db, schema, stateVersion),
    ...outdatedAccounts(db, schema, stateVersion),
    ...transactionPages(db, groups, schema),
    ...schedule(db, schema),
    async apply(batch) {
      await write(batch);
      // The batch is written: statistics that fail come again at the next step.
      await afterBatch(batch).catch(() => undefined);
    },
    close: () => db.close(),
  };
}
