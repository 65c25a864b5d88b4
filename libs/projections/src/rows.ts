import type { AccountState, Amount, Balance, CreditSource, Grant, Instant } from '#domain';

/** One account as the read store keeps it: the folded state, which is also the write side's snapshot. */
export interface AccountRow {
  readonly customerId: string;
  /** Revision of the last event folded in. */
  readonly revision: number;
  readonly state: AccountState;
  /** Hash of the last event folded in: the end of the account's hash chain so far. */
  readonly headHash: string;
}

/** One movement of credits: one row per wallet event, numbered by its stream revision. */
export interface TransactionRow {
  readonly customerId: string;
  readonly revision: number;
  readonly eventId: string;
  readonly creditSystem: string;
  readonly type: TransactionType;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
  /** What this movement added to (or took from) each kind of credits. */
  readonly change: Balance;
  /**
   * Every kind of credits that moved, in this order: included, purchased, promotional. More than what `change`
   * shows: a rollover and the capture of a hold move credits without changing their kind's balance.
   */
  readonly touched: readonly CreditSource[];
  /** The wallet's credits after it. */
  readonly balance: Balance;
  /**
   * Credits that no grant could pay: only in the `uncovered` row, never in the `debited` row beside it; negative
   * where a reversal writes it off. So the sum over a wallet's rows is what it has uncovered.
   */
  readonly uncovered: Amount;
  readonly feature: string | null;
  readonly usageSource: string | null;
  readonly usageId: string | null;
  readonly grantId: string | null;
  readonly holdId: string | null;
}

/** In the words of a customer's history. */
export type TransactionType =
  | 'granted'
  | 'purchased'
  | 'debited'
  | 'uncovered'
  | 'expired'
  | 'rolledOver'
  | 'voided'
  | 'reversed'
  | 'held'
  | 'captured'
  | 'released';

/** An id that was answered: how usage and commands are remembered for ever. */
export interface RememberedId {
  readonly customerId: string;
  /** See `identityOf`. */
  readonly identity: string;
  readonly fingerprint: string;
  /** Revision of the first event it caused. */
  readonly revision: number;
}

/** A grant that has nothing left and has left the account's state. */
export interface ClosedGrantRow {
  readonly customerId: string;
  readonly creditSystem: string;
  readonly grant: Grant;
}

/** When an account has to be woken. Replaced as a whole whenever the account changes. */
export interface AgendaItem {
  readonly customerId: string;
  /** `settle`: due when the clock passes `at`; `expiry`: due when the usage horizon of `creditSystem` passes `at`. */
  readonly kind: 'settle' | 'expiry';
  readonly creditSystem: string | null;
  readonly at: Instant;
}

/** What a batch of events changes in the read store, account by account. */
export interface AccountChange {
  readonly row: AccountRow;
  readonly transactions: readonly TransactionRow[];
  readonly ids: readonly RememberedId[];
  readonly closedGrants: readonly ClosedGrantRow[];
  readonly agenda: readonly AgendaItem[];
}
