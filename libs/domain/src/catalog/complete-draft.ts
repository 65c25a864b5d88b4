import { completeSchedule } from '../rating/index.js';
import type { ResetInterval } from '../time/index.js';
import {
  DEFAULT_PRIORITY,
  type IncludedCredits,
  type IncludedCreditsDraft,
  type PlanCredit,
  type PlanCreditDraft,
  type PlanDraft,
  type PlanTerms,
  type PricedCredits,
  type PricedCreditsDraft,
} from './plan.js';

/**
 * The draft with every default spelled out and nothing that a plan does not know, so that two drafts that mean
 * the same are equal, and a published version does not change when a default does.
 */
export function completeDraft(draft: PlanDraft): PlanTerms {
  return {
    name: draft.name,
    timeZone: draft.timeZone ?? 'UTC',
    credits: (draft.credits ?? []).map(completeCredit),
    features: (draft.features ?? []).map((feature) => ({
      feature: feature.feature,
      creditSystem: feature.creditSystem,
      creditCost: feature.creditCost,
      prepaid: feature.prepaid ?? true,
    })),
  };
}

function completeCredit(draft: PlanCreditDraft): PlanCredit {
  const limit = draft.lowCreditLimit;
  return {
    creditSystem: draft.creditSystem,
    included: draft.included ? completeIncluded(draft.included) : null,
    priced: draft.priced ? completePriced(draft.priced) : null,
    // Pay-as-you-go credits are billed for what was used, so running out does not block.
    onEmpty: draft.onEmpty ?? (draft.priced?.commitment === 'payAsYouGo' ? 'payAsYouGo' : 'block'),
    lowCreditLimit: limit ? { threshold: limit.threshold, action: limit.action } : null,
    mandatoryPurchase: draft.mandatoryPurchase ?? false,
    expiresAfter: draft.expiresAfter ?? null,
    minQuantity: draft.minQuantity ?? null,
    maxQuantity: draft.maxQuantity ?? null,
  };
}

function completeIncluded(draft: IncludedCreditsDraft): IncludedCredits {
  return {
    allowance: draft.allowance,
    resetInterval: completeInterval(draft.resetInterval),
    rollover: draft.rollover ? { cap: draft.rollover.cap ?? null, periods: draft.rollover.periods } : null,
    priority: draft.priority ?? DEFAULT_PRIORITY,
  };
}

function completePriced(draft: PricedCreditsDraft): PricedCredits {
  return {
    commitment: draft.commitment ?? 'upfront',
    topUp: draft.topUp ? completeSchedule(draft.topUp) : null,
    recurring: draft.recurring
      ? {
          quantity: draft.recurring.quantity,
          billingInterval: completeInterval(draft.recurring.billingInterval),
          schedule: completeSchedule(draft.recurring.schedule),
        }
      : null,
    priority: draft.priority ?? DEFAULT_PRIORITY,
  };
}

function completeInterval({ unit, count }: ResetInterval): ResetInterval {
  return { unit, count };
}
