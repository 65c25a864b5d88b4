import type { Catalog } from '../catalog/index.js';
import type { Rejection } from '../rejection.js';
import type { Instant } from '../time/index.js';
import type { AccountEvent, CreditsDebited, DebitReversed, Grant, UsageUncovered } from './events.js';

/** What a decision may know besides the account's state; handed in, so that every decision can be repeated exactly. */
export interface DecisionContext {
  readonly now: Instant;
  /**
   * Every usage partition has been consumed up to here (at the latest: now). The usage horizon of a wallet is
   * this less the credit system's `lateUsageGrace`; nothing expires before the horizon has passed it.
   */
  readonly usageConsumedThrough: Instant;
  readonly catalog: Catalog;
  /** Tolerated difference between the producers' clocks and ours. Default 5 s. */
  readonly clockSkewMs?: number;
  /** How this command's id was answered before, if it ever was. */
  readonly seen?: Seen;
  /** Facts out of the account's past that its state no longer holds; see `needsHistory`. */
  readonly history?: History;
}

/** An id that stands in the account's stream already. */
export interface Seen {
  readonly fingerprint: string;
  /** Revision of the first event it caused. */
  readonly revision: number;
}

export interface History {
  /** The events of the usage that is to be reversed, and the reversals of it so far. */
  readonly debit?: readonly (CreditsDebited | UsageUncovered | DebitReversed)[];
  /** Grants that left the state because nothing was left of them. */
  readonly closedGrants?: readonly Grant[];
  /** True when the hold that the command names was placed once and is closed. */
  readonly holdClosed?: boolean;
}

/**
 * What the decider answers. A rejection and a duplicate append nothing at all, not even the settlement that
 * came before them: it will come again.
 */
export type Decision =
  | {
      readonly kind: 'decided';
      /** Settlement that was due before the command; each event stands on its own. */
      readonly settlement: readonly AccountEvent[];
      /** What the command caused: its own events, one atomic unit, and what falls due at once because of them. */
      readonly events: readonly AccountEvent[];
      /** How many of `events` are the command's own; the others would also come by themselves, with the next decision. */
      readonly own: number;
    }
  | { readonly kind: 'duplicate'; readonly seen: Seen }
  /** The customer's plans give the feature no credit cost: nothing to record. */
  | { readonly kind: 'notCreditMetered'; readonly feature: string }
  | Rejection;
