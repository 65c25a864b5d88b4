import type { Amount } from '../amount/index.js';
import type { Instant } from '../time/index.js';
import type {
  AutoTopUpTerms,
  Balance,
  Draw,
  Grant,
  CreditLimit,
  PeriodRef,
  PlanRef,
  PriceRecord,
} from './events.js';

/** Bumped when the folded state changes shape or meaning: snapshots of another version are ignored. */
export const ACCOUNT_STATE_VERSION = 4;

/** One customer: its subscriptions and its wallets. Folded from the events of its stream and nothing else. */
export interface AccountState {
  /** False until the first event: the customer is unknown. */
  readonly exists: boolean;
  /** The latest `recordedAt` so far: what time alone causes up to here has been looked at. Null: no event yet. */
  readonly recordedThrough: Instant | null;
  readonly subscriptions: readonly Subscription[];
  /** By credit system key. */
  readonly wallets: Readonly<Record<string, Wallet>>;
}

export interface Subscription {
  readonly id: string;
  readonly startsAt: Instant;
  /** No renewal at or after this instant. Null: open-ended. */
  readonly endsAt: Instant | null;
  /** Which plan version applies from when, oldest first: late usage is priced by the terms of its own time. */
  readonly terms: readonly SubscriptionTerms[];
  /** What settlement renews, with the period that is due next. */
  readonly schedules: readonly Schedule[];
  /** Credit systems in which credits were purchased under this subscription (mandatory purchase). */
  readonly purchasedIn: readonly string[];
}

export interface SubscriptionTerms {
  /** 0 for the first, one more for each change; never used twice, so that grants can be named by it. */
  readonly number: number;
  readonly from: Instant;
  readonly plan: PlanRef;
  /** The anchor of the periods under these terms. */
  readonly anchor: Instant;
  readonly lowCreditLimits?: readonly CreditLimit[];
}

export interface Schedule {
  readonly creditSystem: string;
  readonly kind: 'allowance' | 'pack';
  /** Index of the period that is due next, counted from the anchor of the current terms. */
  readonly nextIndex: number;
  /** When it is due. */
  readonly nextAt: Instant;
}

export interface Wallet {
  readonly creditSystem: string;
  /** Grants that still hold or may still get credits, in burn-down order. */
  readonly grants: readonly Grant[];
  /** Grants with nothing left. Snapshots leave them out (`withoutClosedGrants`): they live in the read store. */
  readonly closed: readonly Grant[];
  readonly holds: readonly Hold[];
  readonly balance: Balance;
  /** Usage that no grant could pay, since the beginning, less what was written off. */
  readonly uncovered: { readonly blocked: Amount; readonly billable: Amount };
  /** True between `LowBalanceReached` and `LowBalanceCleared`. */
  readonly low: boolean;
  readonly autoTopUp: AutoTopUp | null;
}

export interface Hold {
  readonly id: string;
  readonly feature: string | null;
  readonly placedAt: Instant;
  readonly timesOutAt: Instant;
  readonly draws: readonly Draw[];
}

export interface AutoTopUp {
  readonly subscriptionId: string;
  readonly terms: AutoTopUpTerms;
  /** Why it no longer asks. Null: it does. */
  readonly stopped: string | null;
  readonly consecutiveFailures: number;
  /** How often it has asked so far; numbers the requests. */
  readonly requests: number;
  /** At most one in flight. */
  readonly inFlight: TopUpInFlight | null;
  /** What was asked for on the last calendar day and month (UTC) on which anything was. */
  readonly askedOn: {
    readonly day: string;
    readonly daily: Amount;
    readonly month: string;
    readonly monthly: Amount;
  };
}

/** What was asked for and at which price, so that success grants exactly that, whatever the plan is by then. */
export interface TopUpInFlight {
  readonly requestId: string;
  readonly quantity: Amount;
  /** Left out: the one under which the wallet asks now. */
  readonly subscriptionId?: string;
  readonly plan: PlanRef;
  readonly price: PriceRecord;
}

export type { PeriodRef };

export const initialAccount: AccountState = {
  exists: false,
  recordedThrough: null,
  subscriptions: [],
  wallets: {},
};
