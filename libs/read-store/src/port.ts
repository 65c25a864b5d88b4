import type { CreditSource, Instant } from '#domain';
import type {
  AccountChange,
  AgendaItem,
  AccountRow,
  ClosedGrantRow,
  ToldTransaction,
  TransactionType,
} from '#projections';

/**
 * A batch of the projector: everything it changes and how far it has come, written in one transaction. At most
 * one change per account.
 */
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

export interface SeenAnswer {
  /** In the order of the lookups. */
  readonly rows: readonly (SeenRow | undefined)[];
  /** Per customer asked about: the revision projected so far; -1 where the store has no row. */
  readonly projectedThrough: ReadonlyMap<string, number>;
}

export interface ClosedGrantsAnswer {
  readonly rows: readonly ClosedGrantRow[];
  /** The revision up to which they are all of them, as of the same moment; -1 where the store has no row (see `accounts`). */
  readonly projectedThrough: number;
}

export interface OutdatedPage {
  readonly accounts: readonly { readonly customerId: string; readonly revision: number }[];
  /** Pass as `after` to look on; undefined: there are no more accounts. */
  readonly next: string | undefined;
}

export interface TransactionFilter {
  readonly customerId: string;
  readonly creditSystem?: string;
  /** Only movements that touched this kind of credits (`TransactionRow.touched`). */
  readonly source?: CreditSource;
  /** None or an empty list: every type. */
  readonly types?: readonly TransactionType[];
  readonly feature?: string;
  /** By `occurredAt`: from (inclusive), to (exclusive). */
  readonly from?: Instant;
  readonly to?: Instant;
}

export interface TransactionPage {
  /** Newest first. */
  readonly rows: readonly ToldTransaction[];
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

/** A remembered id as the store keeps it: by the digest of its identity (`identityDigest`). */
export interface StoredId extends SeenRow {
  /** 32 hexadecimal digits. */
  readonly digest: string;
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

/** What stands there can be no read store: waiting will not mend it. */
export class ReadStoreUnusable extends Error {
  override readonly name = 'ReadStoreUnusable';
}

/**
 * The queryable copy of the ledger: can be deleted and rebuilt from the event store at any time.
 * Every adapter passes the suite in `testing/`. Every method throws `ReadStoreUnavailable` when the store is away.
 */
export interface ReadStore {
  /**
   * Writes the whole batch or nothing. An id that is remembered already keeps its first revision (a batch may
   * end between the events of one command). After `ReadStoreUnavailable` the batch may have been written or
   * not: read the checkpoint again.
   * @throws CheckpointMoved nothing was written
   * @throws Error a transaction row that exists already: nothing was written
   */
  apply(batch: ProjectionBatch): Promise<void>;
  checkpoint(projector: string): Promise<bigint | undefined>;

  /** The rows that exist, by customer. A row whose state is of another version is left out. One query. */
  accounts(customerIds: readonly string[]): Promise<ReadonlyMap<string, AccountRow>>;
  /**
   * Looks through `limit` accounts after `after`, in order of code points, for those that `accounts` leaves out because
   * their state is of another version.
   */
  outdated(after: string | undefined, limit: number): Promise<OutdatedPage>;
  /**
   * Looks ids up in the unique index, one consistent query per call. The answer says, per account, up to which
   * revision it can be trusted: a store that lags or is being rebuilt does not know the ids after that.
   */
  seen(lookups: readonly SeenLookup[]): Promise<SeenAnswer>;
  /**
   * By grant id; all of the account's where no ids are named. A grant that a reversal reopened is still found
   * here as it was when it closed: where the account's state has it, the state is right.
   */
  closedGrants(customerId: string, grantIds?: readonly string[]): Promise<ClosedGrantsAnswer>;

  /** At most `pageSize` rows with a revision below `before`. */
  transactions(filter: TransactionFilter, pageSize: number, before?: number): Promise<TransactionPage>;
  transaction(customerId: string, revision: number): Promise<ToldTransaction | undefined>;

  /**
   * Accounts whose last change came in a batch with a checkpoint after `after`, oldest change first. Never ends
   * inside a batch, so it may return more than `limit`; go on after the last checkpoint returned.
   */
  changedAccounts(
    after: bigint,
    limit: number,
  ): Promise<readonly { customerId: string; revision: number; checkpoint: bigint }[]>;

  /** Longest due first. */
  due(query: DueQuery): Promise<readonly AgendaItem[]>;

  /**
   * How far usage has been consumed, per partition; a horizon never goes back. Publish again and again: while another
   * writes, a store may leave out a call rather than let the caller's thread wait.
   */
  publishHorizons(horizons: readonly PartitionHorizon[]): Promise<void>;
  horizons(): Promise<readonly PartitionHorizon[]>;

  /**
   * Takes or prolongs the lease for `ttlMs` of the store's own clock: one active projector per shard, one
   * scheduler. True: `holder` has it. All who ask for a lease ask for the same `ttlMs`; one that ends later than it
   * could, given now, was taken by a clock that was ahead, and is free. A lease saves double work and nothing more;
   * what keeps the data right is the checkpoint compared in `apply`.
   */
  acquireLease(name: string, holder: string, ttlMs: number): Promise<boolean>;
  /** Gives the lease up early; nothing happens when somebody else holds it. */
  releaseLease(name: string, holder: string): Promise<void>;

  /** Every customer id with an account, in order of code points, for audits and rebuild comparisons. */
  customerIds(after: string | undefined, limit: number): Promise<readonly string[]>;
  /** The account's agenda, in order of time, for audits. */
  agenda(customerId: string): Promise<readonly AgendaItem[]>;
  /** The account's remembered ids with a digest after `after`, in order of digest, for audits. */
  rememberedIds(customerId: string, after: string | undefined, limit: number): Promise<readonly StoredId[]>;

  /** Whether the store answers, tables and all. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
