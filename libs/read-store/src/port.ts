import type { Instant } from '#domain';
import type {
  AccountChange,
  AgendaItem,
  AccountRow,
  ClosedGrantRow,
  TransactionRow,
  TransactionType,
} from '#projections';

/** A batch of the projector: everything it changes and how far it has come, written in one transaction. */
export interface ProjectionBatch {
  /** Which projector: each has its own checkpoint. */
  readonly projector: string;
  /** Where the projector thinks the store stands (undefined: nothing projected yet). */
  readonly after: bigint | undefined;
  /** Everything up to here is in the store once this batch is. */
  readonly checkpoint: bigint;
  readonly changes: readonly AccountChange[];
}

export interface SeenLookup {
  readonly customerId: string;
  readonly identity: string;
}

export interface SeenRow {
  readonly fingerprint: string;
  readonly revision: number;
}

export interface TransactionFilter {
  readonly customerId: string;
  readonly creditSystem?: string;
  /** Only movements that touched this kind of credits. */
  readonly source?: 'included' | 'purchased' | 'promotional';
  readonly types?: readonly TransactionType[];
  readonly feature?: string;
  /** By `occurredAt`: from (inclusive), to (exclusive). */
  readonly from?: Instant;
  readonly to?: Instant;
}

export interface TransactionPage {
  /** Newest first. */
  readonly rows: readonly TransactionRow[];
  /** Pass as `before` for the next page; undefined: there is none. */
  readonly next: number | undefined;
}

export interface DueQuery {
  /** `settle` items due at or before this moment. */
  readonly now: Instant;
  /** `expiry` items due at or before the usage horizon of their credit system; one not listed is not swept. */
  readonly usageHorizons: Readonly<Record<string, Instant>>;
  readonly limit: number;
}

export interface PartitionHorizon {
  /** topic/partition */
  readonly partition: string;
  readonly consumedThrough: Instant;
}

/** The checkpoint is not where the projector thought: another projector is at work. Nothing was written. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
  constructor(
    readonly projector: string,
    readonly expected: bigint | undefined,
    readonly actual: bigint | undefined,
  ) {
    super(
      `projector ${projector}: expected its checkpoint at ${expected ?? 'none'}, found ${actual ?? 'none'}`,
    );
  }
}

/** The read store cannot be reached for now: wait and say so; never guess. */
export class ReadStoreUnavailable extends Error {
  override readonly name = 'ReadStoreUnavailable';
}

/**
 * The queryable copy of the ledger: can be deleted and rebuilt from the event store at any time.
 * Every adapter passes the suite in `testing/`. Every method throws `ReadStoreUnavailable` when the store is away.
 */
export interface ReadStore {
  /** @throws CheckpointMoved nothing was written */
  apply(batch: ProjectionBatch): Promise<void>;
  checkpoint(projector: string): Promise<bigint | undefined>;

  /** The rows that exist, by customer. A row whose state is of another version is left out. One query. */
  accounts(customerIds: readonly string[]): Promise<ReadonlyMap<string, AccountRow>>;
  /** In the order of `lookups`. One query per call. */
  seen(lookups: readonly SeenLookup[]): Promise<readonly (SeenRow | undefined)[]>;
  closedGrants(customerId: string, grantIds: readonly string[]): Promise<readonly ClosedGrantRow[]>;

  /** At most `pageSize` rows with a revision below `before`. */
  transactions(filter: TransactionFilter, pageSize: number, before?: number): Promise<TransactionPage>;
  transaction(customerId: string, revision: number): Promise<TransactionRow | undefined>;

  /** Accounts that changed in batches with a checkpoint after `after`, oldest change first. */
  changedAccounts(
    after: bigint,
    limit: number,
  ): Promise<readonly { customerId: string; revision: number; checkpoint: bigint }[]>;

  due(query: DueQuery): Promise<readonly AgendaItem[]>;

  /** How far usage has been consumed, per partition; a horizon never goes back. */
  publishHorizons(horizons: readonly PartitionHorizon[]): Promise<void>;
  horizons(): Promise<readonly PartitionHorizon[]>;

  /** Every customer id with an account, in order, for audits and rebuild comparisons. */
  customerIds(after: string | undefined, limit: number): Promise<readonly string[]>;

  ping(): Promise<void>;
  close(): Promise<void>;
}
