import type { Amount } from '../amount/index.js';
import type { PriceSchedule, PriceScheduleDraft } from '../rating/index.js';
import type { ResetInterval } from '../time/index.js';

/** One published version of a plan: it never changes, and a subscription is pinned to it. */
export interface Plan extends PlanTerms {
  readonly id: string;
  /** 1, 2, 3 … */
  readonly version: number;
}

/** Everything a plan says, with everything spelled out. */
export interface PlanTerms {
  readonly name: string;
  /** IANA zone in which its days, weeks, months and years are counted. */
  readonly timeZone: string;
  readonly credits: readonly PlanCredit[];
  readonly features: readonly PlanFeature[];
}

/** What a plan says, without what tells it from another one that says the same. */
export function planTerms({ name, timeZone, credits, features }: PlanTerms): PlanTerms {
  return { name, timeZone, credits, features };
}

/** The terms on which the plan gives and sells the credits of one credit system. */
export interface PlanCredit {
  /** Key of the credit system; each at most once in a plan. */
  readonly creditSystem: string;
  /** Credits bundled with the plan. Null: none. */
  readonly included: IncludedCredits | null;
  /** Credits that are billed separately. Null: none for sale. */
  readonly priced: PricedCredits | null;
  /** What becomes of usage that no grant can pay: refused, or billed. */
  readonly onEmpty: 'block' | 'payAsYouGo';
  readonly lowCreditLimit: LowCreditLimit | null;
  /** No synchronous use until credits were purchased under the subscription. */
  readonly mandatoryPurchase: boolean;
  /** Life of purchased and promotional credits (ISO 8601 calendar duration from the grant). Null: no end. */
  readonly expiresAfter: string | null;
  /** Least and most credits per purchase, both inclusive. Null: no limit. */
  readonly minQuantity: Amount | null;
  readonly maxQuantity: Amount | null;
}

/** An allowance, granted anew each period of the reset interval and expiring with it. */
export interface IncludedCredits {
  readonly allowance: Amount;
  readonly resetInterval: ResetInterval;
  readonly rollover: Rollover | null;
  /** Burn-down priority of the grants, lower first. */
  readonly priority: number;
}

/** At a period's end min(remainder, cap) moves into a grant that lives `periods` more. */
export interface Rollover {
  /** Null: all that is left. */
  readonly cap: Amount | null;
  readonly periods: number;
}

export interface PricedCredits {
  /** Bought in advance, or billed afterwards for what was used. */
  readonly commitment: 'upfront' | 'payAsYouGo';
  /** Price of one-time purchases. Null: not on offer. */
  readonly topUp: PriceSchedule | null;
  /** A pack of credits granted and priced each billing interval; upfront only. */
  readonly recurring: RecurringPack | null;
  /** Burn-down priority of the purchased grants, lower first. */
  readonly priority: number;
}

export interface RecurringPack {
  readonly quantity: Amount;
  readonly billingInterval: ResetInterval;
  readonly schedule: PriceSchedule;
}

export interface LowCreditLimit {
  readonly threshold: Amount;
  readonly action: 'alert' | 'restrict';
}

/** What one unit of a feature costs. */
export interface PlanFeature {
  /** Name of what is metered; each at most once in a plan. */
  readonly feature: string;
  readonly creditSystem: string;
  /** Credits per unit, not negative. */
  readonly creditCost: Amount;
  /** The switch "prepaid usage": off means that the feature is not paid with credits. */
  readonly prepaid: boolean;
}

/** Default burn-down priority of a grant. */
export const DEFAULT_PRIORITY = 50;

/** A plan as somebody writes it: what is left out has its default. */
export interface PlanDraft {
  readonly name: string;
  /** Default UTC. */
  readonly timeZone?: string | undefined;
  readonly credits?: readonly PlanCreditDraft[] | undefined;
  readonly features?: readonly PlanFeatureDraft[] | undefined;
}

export interface PlanCreditDraft {
  readonly creditSystem: string;
  readonly included?: IncludedCreditsDraft | null | undefined;
  readonly priced?: PricedCreditsDraft | null | undefined;
  /** Default block, or payAsYouGo where the credits are priced so. */
  readonly onEmpty?: 'block' | 'payAsYouGo' | undefined;
  readonly lowCreditLimit?: LowCreditLimit | null | undefined;
  readonly mandatoryPurchase?: boolean | undefined;
  readonly expiresAfter?: string | null | undefined;
  readonly minQuantity?: Amount | null | undefined;
  readonly maxQuantity?: Amount | null | undefined;
}

export interface IncludedCreditsDraft {
  readonly allowance: Amount;
  readonly resetInterval: ResetInterval;
  readonly rollover?:
    { readonly cap?: Amount | null | undefined; readonly periods: number } | null | undefined;
  readonly priority?: number | undefined;
}

export interface PricedCreditsDraft {
  /** Default upfront. */
  readonly commitment?: 'upfront' | 'payAsYouGo' | undefined;
  readonly topUp?: PriceScheduleDraft | null | undefined;
  readonly recurring?: RecurringPackDraft | null | undefined;
  readonly priority?: number | undefined;
}

export interface RecurringPackDraft {
  readonly quantity: Amount;
  readonly billingInterval: ResetInterval;
  readonly schedule: PriceScheduleDraft;
}

export interface PlanFeatureDraft {
  readonly feature: string;
  readonly creditSystem: string;
  readonly creditCost: Amount;
  /** Default true. */
  readonly prepaid?: boolean | undefined;
}
