import type { rpc } from '#contracts';
import type { IncludedCredits, Plan, PlanCredit, PlanTerms, PricedCredits } from '#domain';
import { intervalToProto, scheduleToProto } from './schedule-to-proto.js';

/** A published version, or with version 0 a draft. */
export function planToProto(id: string, version: number, terms: PlanTerms): rpc.Plan {
  return { id, version, terms: planTermsToProto(terms) };
}

export function planVersionToProto(plan: Plan): rpc.Plan {
  return planToProto(plan.id, plan.version, plan);
}

export function planTermsToProto(terms: PlanTerms): rpc.PlanTerms {
  return {
    name: terms.name,
    timeZone: terms.timeZone,
    credits: terms.credits.map(creditToProto),
    features: terms.features.map((feature) => ({
      feature: feature.feature,
      creditSystem: feature.creditSystem,
      creditCost: feature.creditCost.toString(),
      prepaid: feature.prepaid,
    })),
  };
}

function creditToProto(credit: PlanCredit): rpc.PlanCredit {
  const { included, priced, lowCreditLimit } = credit;
  return {
    creditSystem: credit.creditSystem,
    included: included && includedToProto(included),
    priced: priced && pricedToProto(priced),
    onEmpty: credit.onEmpty === 'block' ? 'BLOCK' : 'PAY_AS_YOU_GO',
    lowCreditLimit: lowCreditLimit && {
      threshold: lowCreditLimit.threshold.toString(),
      action: lowCreditLimit.action === 'alert' ? 'ALERT' : 'RESTRICT',
    },
    mandatoryPurchase: credit.mandatoryPurchase,
    expiresAfter: credit.expiresAfter ?? '',
    minQuantity: credit.minQuantity?.toString() ?? '',
    maxQuantity: credit.maxQuantity?.toString() ?? '',
  };
}

function includedToProto({
  allowance,
  resetInterval,
  rollover,
  priority,
}: IncludedCredits): rpc.IncludedCredits {
  return {
    allowance: allowance.toString(),
    resetInterval: intervalToProto(resetInterval),
    rollover: rollover && { cap: rollover.cap?.toString() ?? '', periods: rollover.periods },
    priority,
  };
}

function pricedToProto({ commitment, topUp, recurring, priority }: PricedCredits): rpc.PricedCredits {
  return {
    commitment: commitment === 'upfront' ? 'UPFRONT' : 'PAY_AS_YOU_GO',
    topUp: topUp && scheduleToProto(topUp),
    recurring: recurring && {
      quantity: recurring.quantity.toString(),
      billingInterval: intervalToProto(recurring.billingInterval),
      schedule: scheduleToProto(recurring.schedule),
    },
    priority,
  };
}
