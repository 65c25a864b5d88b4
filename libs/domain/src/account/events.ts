import type { Amount } from '../amount/index.js';
import type { Instant } from '../time/index.js';

/** A plan's published version; a subscription is pinned to one. */
export interface PlanRef {
  readonly id: string;
  readonly version: number;
}

/** Where credits came from. */
export type CreditSource = 'included' | 'purchased' | 'promotional';

/**
 * Who or what caused an event. Usage is identified by (`source`, `id`), every other command by its `key`;
 * `fingerprint` is a hash of the content, so that the same id with other content is recognised for ever.
 */
export type Cause =
  | { readonly kind: 'usage'; readonly source: string; readonly id: string; readonly fingerprint: string }
  | { readonly kind: 'command'; readonly key: string; readonly fingerprint: string; readonly actor?: string }
  | { readonly kind: 'settlement' };

/** What every event says: who caused it, when it happened, when it was decided. */
export interface Fact {
  readonly cause: Cause;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
}

/**
 * The credits of a wallet after an event, by source, as the events of the stream add up: credits count until
 * their expiry is recorded, so `pendingExpiry` of a read is still inside. Held credits stand apart.
 */
export interface Balance {
  readonly included: Amount;
  readonly purchased: Amount;
  readonly promotional: Amount;
  readonly held: Amount;
}

/** Credits of a balance that cannot be used: of ended grants, whose expiry waits, of upcoming ones, and of voided ones. */
export type Unusable = Readonly<Record<CreditSource, Amount>>;

export interface WalletFact extends Fact {
  /** Key of the credit system: which wallet of the account. */
  readonly creditSystem: string;
  readonly balance: Balance;
  /** What of the balance could not be used at `recordedAt`; left out where that is nothing. */
  readonly unusable?: Unusable;
}

/** A part of a debit or hold, taken from (or given back to) one grant. */
export interface Draw {
  readonly grantId: string;
  readonly source: CreditSource;
  readonly amount: Amount;
}

/** One period of a reset or billing interval; `end` is exclusive. */
export interface PeriodRef {
  readonly index: number;
  readonly start: Instant;
  readonly end: Instant;
}

/** What a purchase cost, as it was rated; a replay never prices again. */
export interface PriceRecord {
  readonly currency: string;
  readonly subtotal: string;
  readonly tax: string;
  readonly total: string;
  /** The tiers that priced it, in words a finance team can check. */
  readonly lines: readonly PriceLine[];
}

export interface PriceLine {
  readonly description: string;
  readonly quantity: string;
  readonly amount: string;
}

export type GrantOrigin =
  | {
      readonly kind: 'allowance';
      readonly subscriptionId: string;
      readonly plan: PlanRef;
      readonly period: PeriodRef;
    }
  | {
      readonly kind: 'pack';
      readonly subscriptionId: string;
      readonly plan: PlanRef;
      readonly period: PeriodRef;
      readonly price: PriceRecord;
    }
  | {
      readonly kind: 'topUp';
      readonly subscriptionId: string;
      readonly plan: PlanRef;
      readonly paymentReference: string;
      readonly price: PriceRecord;
      /** True when the account's own auto top-up asked for it. */
      readonly automatic: boolean;
    }
  | { readonly kind: 'promotion'; readonly reason: string; readonly actor: string }
  | { readonly kind: 'rollover'; readonly fromGrantId: string; readonly subscriptionId: string };

/** The terms under which a grant may be used; they never change, but for an earlier end. */
export interface GrantTerms {
  readonly grantId: string;
  readonly source: CreditSource;
  /** Lower burns first; default 50. */
  readonly priority: number;
  readonly effectiveAt: Instant;
  /** Exclusive: at this instant the grant is no longer available. Null: never. */
  readonly expiresAt: Instant | null;
  /** Only these features may draw on it. Null: all. */
  readonly features: readonly string[] | null;
  readonly origin: GrantOrigin;
  /** What is moved into a new grant at `expiresAt`, if the plan says so. */
  readonly rollover: RolloverTerms | null;
}

export interface RolloverTerms {
  /** Most credits that move. Null: no cap. */
  readonly cap: Amount | null;
  /** When what moved expires. */
  readonly expiresAt: Instant;
}

/** The recurring grants of a subscription: what settlement has to renew. */
export interface RecurringGrant {
  readonly creditSystem: string;
  readonly kind: 'allowance' | 'pack';
}

/** Where a plan wants the customer warned or held back; recorded, so that time can cross it without a catalog. */
export interface CreditLimit {
  readonly creditSystem: string;
  readonly threshold: Amount;
  readonly action: 'alert' | 'restrict';
}

export interface SubscriptionStarted extends Fact {
  readonly type: 'SubscriptionStarted';
  readonly subscriptionId: string;
  readonly plan: PlanRef;
  /** The anchor of all its periods; may lie in the past or the future. */
  readonly startsAt: Instant;
  readonly recurring: readonly RecurringGrant[];
  /** Of this plan; left out when there are none. */
  readonly lowCreditLimits?: readonly CreditLimit[];
}

export interface SubscriptionChanged extends Fact {
  readonly type: 'SubscriptionChanged';
  readonly subscriptionId: string;
  readonly from: PlanRef;
  readonly to: PlanRef;
  /** From when `to` applies; a later instant than `occurredAt` when the change waits for the period's end. */
  readonly effectiveAt: Instant;
  /** The anchor of the periods from then on. */
  readonly anchor: Instant;
  readonly recurring: readonly RecurringGrant[];
  /** Of the plan that is changed to; left out when there are none. */
  readonly lowCreditLimits?: readonly CreditLimit[];
  /** What happens to the old allowance: grants whose validity ends earlier than they said. */
  readonly endedGrants: readonly EndedGrant[];
}

export interface SubscriptionCancelled extends Fact {
  readonly type: 'SubscriptionCancelled';
  readonly subscriptionId: string;
  readonly plan: PlanRef;
  /** No renewal at or after this instant. */
  readonly endsAt: Instant;
  readonly endedGrants: readonly EndedGrant[];
}

export interface EndedGrant {
  readonly creditSystem: string;
  readonly grantId: string;
  readonly expiresAt: Instant;
}

export interface CreditsGranted extends WalletFact, GrantTerms {
  readonly type: 'CreditsGranted';
  readonly amount: Amount;
}

/** What a usage event cost and by which terms, enough for a replay to explain it. */
export interface PricedUsage {
  readonly feature: string;
  readonly quantity: Amount;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly mode: 'metered' | 'synchronous';
  readonly subscriptionId: string;
  readonly plan: PlanRef;
  /** Credits per unit. */
  readonly creditCost: Amount;
  /** quantity × creditCost, rounded once to the credit system's scale. */
  readonly amount: Amount;
  /** The instant at which it burned: when it happened, but not before the usage horizon nor after now. */
  readonly placedAt: Instant;
}

export interface CreditsDebited extends WalletFact {
  readonly type: 'CreditsDebited';
  readonly usage: PricedUsage;
  /** Σ draws + uncovered = usage.amount */
  readonly draws: readonly Draw[];
  readonly uncovered: Amount;
}

/** The part of a usage event that no grant could pay; stands after its `CreditsDebited` when a part was paid. */
export interface UsageUncovered extends WalletFact {
  readonly type: 'UsageUncovered';
  readonly usage: PricedUsage;
  readonly uncovered: Amount;
  readonly disposition: 'blocked' | 'billable';
}

export interface CreditsExpired extends WalletFact {
  readonly type: 'CreditsExpired';
  readonly grantId: string;
  readonly source: CreditSource;
  readonly amount: Amount;
}

export interface CreditsRolledOver extends WalletFact {
  readonly type: 'CreditsRolledOver';
  readonly fromGrantId: string;
  readonly amount: Amount;
  /** The grant that the credits moved into. */
  readonly into: GrantTerms;
}

export interface CreditsVoided extends WalletFact {
  readonly type: 'CreditsVoided';
  readonly grantId: string;
  readonly source: CreditSource;
  /** Zero where holds have all that is left. */
  readonly amount: Amount;
  /** What had been consumed already and stays consumed. */
  readonly consumed: Amount;
  /** What holds have set aside: it is voided if it comes back. Left out where that is nothing. */
  readonly held?: Amount;
  readonly reason: string;
}

export interface DebitReversed extends WalletFact {
  readonly type: 'DebitReversed';
  /** The usage event whose debit is undone. */
  readonly usage: { readonly source: string; readonly id: string };
  /** What had been used. Left out in events of before it was written. */
  readonly feature?: string;
  readonly reason: string;
  readonly amount: Amount;
  /** Last drawn first. */
  readonly restored: readonly RestoredDraw[];
  /** The part of the uncovered usage that is written off. */
  readonly uncovered: Amount;
  /** What that part had been recorded as; there when `uncovered` is not zero. */
  readonly disposition?: 'blocked' | 'billable';
}

export interface RestoredDraw extends Draw {
  /** The grant as it stood before, where it had been closed and left the state. */
  readonly reopened?: Grant;
}

export interface HoldPlaced extends WalletFact {
  readonly type: 'HoldPlaced';
  readonly holdId: string;
  readonly feature: string | null;
  readonly amount: Amount;
  readonly draws: readonly Draw[];
  /** When settlement releases it by itself. */
  readonly timesOutAt: Instant;
}

export interface HoldCaptured extends WalletFact {
  readonly type: 'HoldCaptured';
  readonly holdId: string;
  readonly feature: string | null;
  /** Σ draws + Σ beyond */
  readonly amount: Amount;
  /** Consumed out of what was held. */
  readonly draws: readonly Draw[];
  /** Consumed beyond the hold, where the balance allowed. */
  readonly beyond: readonly Draw[];
  /** Given back to its grants. */
  readonly returned: readonly Draw[];
}

export interface HoldReleased extends WalletFact {
  readonly type: 'HoldReleased';
  readonly holdId: string;
  /** Of the hold. Left out where it held credits, and in events of before it was written. */
  readonly feature?: string;
  readonly reason: 'released' | 'timedOut';
  readonly returned: readonly Draw[];
}

export interface LowBalanceReached extends WalletFact {
  readonly type: 'LowBalanceReached';
  readonly threshold: Amount;
  readonly available: Amount;
  readonly action: 'alert' | 'restrict';
}

export interface LowBalanceCleared extends WalletFact {
  readonly type: 'LowBalanceCleared';
  readonly threshold: Amount;
  readonly available: Amount;
}

export interface AutoTopUpTerms {
  readonly enabled: boolean;
  /** Asked for when available falls below this. */
  readonly threshold: Amount;
  /** Filled up to this. */
  readonly target: Amount;
  /** Most credits asked for per calendar day and month (UTC). Null: no cap. */
  readonly dailyCap: Amount | null;
  readonly monthlyCap: Amount | null;
}

export interface AutoTopUpConfigured extends WalletFact {
  readonly type: 'AutoTopUpConfigured';
  readonly subscriptionId: string;
  readonly terms: AutoTopUpTerms;
}

export interface AutoTopUpRequested extends WalletFact {
  readonly type: 'AutoTopUpRequested';
  /** Unique within the account. */
  readonly requestId: string;
  readonly subscriptionId: string;
  readonly plan: PlanRef;
  readonly quantity: Amount;
  readonly price: PriceRecord;
}

export interface AutoTopUpFailed extends WalletFact {
  readonly type: 'AutoTopUpFailed';
  readonly requestId: string;
  readonly reason: string;
  readonly consecutiveFailures: number;
}

export interface AutoTopUpStopped extends WalletFact {
  readonly type: 'AutoTopUpStopped';
  readonly reason: string;
}

export type AccountEvent =
  | SubscriptionStarted
  | SubscriptionChanged
  | SubscriptionCancelled
  | CreditsGranted
  | CreditsDebited
  | UsageUncovered
  | CreditsExpired
  | CreditsRolledOver
  | CreditsVoided
  | DebitReversed
  | HoldPlaced
  | HoldCaptured
  | HoldReleased
  | LowBalanceReached
  | LowBalanceCleared
  | AutoTopUpConfigured
  | AutoTopUpRequested
  | AutoTopUpFailed
  | AutoTopUpStopped;

/** When a grant was to expire, as it was known before `until`. */
export interface PlannedEnd {
  readonly until: Instant;
  readonly expiresAt: Instant | null;
}

/**
 * A grant inside an account. Always: granted = available + held + consumed + expired + voided + rolledOver,
 * none of them negative.
 */
export interface Grant extends GrantTerms {
  /**
   * What `expiresAt` was before changes or cancellations ended the grant early, oldest first; left out when none did.
   * Usage from before such a moment burns by the end that was planned then, as it would have, had it arrived at once.
   */
  readonly plannedEnds?: readonly PlannedEnd[];
  /** In place of `plannedEnds`, in events from before there were any. Means nothing any more. */
  readonly plannedExpiresAt?: Instant | null;
  /** Voided while holds had some of it, maybe all: what comes back is voided as well. Left out while it was not. */
  readonly voidedInHold?: true;
  readonly grantedAt: Instant;
  readonly granted: Amount;
  readonly available: Amount;
  readonly held: Amount;
  readonly consumed: Amount;
  readonly expired: Amount;
  readonly voided: Amount;
  readonly rolledOver: Amount;
}
