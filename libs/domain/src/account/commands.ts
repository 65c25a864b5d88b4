import type { Amount } from '../amount/index.js';
import type { Instant } from '../time/index.js';
import type { AutoTopUpTerms } from './events.js';

/** Identity of a command that is not usage: chosen by its sender, remembered for ever. */
export interface Keyed {
  readonly key: string;
  /** Hash of the command's content: the same key with another one is a conflict. */
  readonly fingerprint: string;
  readonly actor?: string;
}

/** One metered event. `metered` has already happened; `synchronous` asks first and is all or nothing. */
export interface RecordUsage {
  readonly type: 'RecordUsage';
  readonly source: string;
  readonly id: string;
  readonly fingerprint: string;
  readonly mode: 'metered' | 'synchronous';
  readonly feature: string;
  /** Units of the feature, not negative. */
  readonly quantity: Amount;
  readonly time: Instant;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface StartSubscription extends Keyed {
  readonly type: 'StartSubscription';
  readonly subscriptionId: string;
  readonly planId: string;
  /** Default: the latest published version. */
  readonly planVersion?: number;
  /** Default: now. */
  readonly startsAt?: Instant;
}

export interface ChangeSubscription extends Keyed {
  readonly type: 'ChangeSubscription';
  readonly subscriptionId: string;
  readonly planId: string;
  readonly planVersion?: number;
  readonly when: 'now' | 'periodEnd';
}

export interface CancelSubscription extends Keyed {
  readonly type: 'CancelSubscription';
  readonly subscriptionId: string;
  readonly when: 'now' | 'periodEnd';
}

/** Promotional credits. */
export interface GrantCredits extends Keyed {
  readonly type: 'GrantCredits';
  readonly creditSystem: string;
  readonly amount: Amount;
  readonly reason: string;
  readonly actor: string;
  readonly priority?: number;
  readonly effectiveAt?: Instant;
  /**
   * Either an instant or a calendar duration (ISO 8601, e.g. P3M) from `effectiveAt`; neither: the `expiresAfter`
   * of the customer's plan, if an active subscription has one, else never.
   */
  readonly expiresAt?: Instant;
  readonly expiresAfter?: string;
  readonly features?: readonly string[];
}

export interface PurchaseCredits extends Keyed {
  readonly type: 'PurchaseCredits';
  readonly creditSystem: string;
  readonly quantity: Amount;
  readonly paymentReference: string;
  /** Needed only where several subscriptions price this credit system. */
  readonly subscriptionId?: string;
}

export interface VoidGrant extends Keyed {
  readonly type: 'VoidGrant';
  readonly creditSystem: string;
  readonly grantId: string;
  readonly reason: string;
}

export interface PlaceHold extends Keyed {
  readonly type: 'PlaceHold';
  readonly holdId: string;
  /** Either credits of a credit system, or units of a feature priced by the plan. */
  readonly creditSystem?: string;
  readonly amount?: Amount;
  readonly feature?: string;
  readonly quantity?: Amount;
  readonly timesOutAt: Instant;
}

export interface CaptureHold extends Keyed {
  readonly type: 'CaptureHold';
  readonly holdId: string;
  /** Credits to consume. Default: all that is held. */
  readonly amount?: Amount;
}

export interface ReleaseHold extends Keyed {
  readonly type: 'ReleaseHold';
  readonly holdId: string;
}

export interface ReverseDebit extends Keyed {
  readonly type: 'ReverseDebit';
  readonly usage: { readonly source: string; readonly id: string };
  /** Credits to give back. Default: all that is left to reverse. */
  readonly amount?: Amount;
  readonly reason: string;
}

export interface ConfigureAutoTopUp extends Keyed {
  readonly type: 'ConfigureAutoTopUp';
  readonly creditSystem: string;
  readonly subscriptionId?: string;
  readonly terms: AutoTopUpTerms;
}

/** Payment is somebody else's; they tell how it went. */
export interface ReportTopUpPayment extends Keyed {
  readonly type: 'ReportTopUpPayment';
  readonly creditSystem: string;
  readonly requestId: string;
  readonly outcome: 'succeeded' | 'failed';
  readonly paymentReference?: string;
  readonly failureReason?: string;
}

/** Nothing but what time alone causes. */
export interface Settle {
  readonly type: 'Settle';
}

export type AccountCommand =
  | RecordUsage
  | StartSubscription
  | ChangeSubscription
  | CancelSubscription
  | GrantCredits
  | PurchaseCredits
  | VoidGrant
  | PlaceHold
  | CaptureHold
  | ReleaseHold
  | ReverseDebit
  | ConfigureAutoTopUp
  | ReportTopUpPayment
  | Settle;
