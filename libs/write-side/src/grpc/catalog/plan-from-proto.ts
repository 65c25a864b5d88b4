import type { rpc } from '#contracts';
import {
  completeDraft,
  type IncludedCreditsDraft,
  type LowCreditLimit,
  type PlanCreditDraft,
  type PlanDraft,
  type PlanFeatureDraft,
  type PlanTerms,
  type PricedCreditsDraft,
} from '#domain';
import { RequestFields } from '#platform';
import { intervalFromProto, scheduleFromProto } from './schedule-from-proto.js';

const ON_EMPTY = { BLOCK: 'block', PAY_AS_YOU_GO: 'payAsYouGo' } as const;
const COMMITMENTS = { UPFRONT: 'upfront', PAY_AS_YOU_GO: 'payAsYouGo' } as const;
const ACTIONS = { ALERT: 'alert', RESTRICT: 'restrict' } as const;

/**
 * The draft that a request carries. What cannot be read is told to `fields`, by path below `path`; whether the
 * plan makes sense is for the domain to say.
 */
export function planDraftFromProto(
  terms: rpc.PlanTerms | null,
  fields: RequestFields,
  path: string,
): PlanDraft {
  if (!terms) {
    fields.fault(path, 'is missing');
    return { name: '' };
  }
  return {
    name: terms.name,
    timeZone: given(terms.timeZone),
    credits: terms.credits.map((credit, index) =>
      creditFromProto(credit, fields, `${path}.credits[${index}]`),
    ),
    features: terms.features.map((feature, index) =>
      featureFromProto(feature, fields, `${path}.features[${index}]`),
    ),
  };
}

/**
 * The terms that an answer of the service carries, with everything spelled out.
 * @throws Refused when they cannot be read, which no answer of this service gives cause for
 */
export function planTermsFromProto(terms: rpc.PlanTerms | null): PlanTerms {
  const fields = new RequestFields();
  const draft = planDraftFromProto(terms, fields, 'terms');
  fields.done();
  return completeDraft(draft);
}

function creditFromProto(credit: rpc.PlanCredit, fields: RequestFields, path: string): PlanCreditDraft {
  const { included, priced, lowCreditLimit } = credit;
  return {
    creditSystem: credit.creditSystem,
    included: included && includedFromProto(included, fields, `${path}.included`),
    priced: priced && pricedFromProto(priced, fields, `${path}.priced`),
    onEmpty: credit.onEmpty ? fields.oneOf(credit.onEmpty, `${path}.on_empty`, ON_EMPTY) : undefined,
    lowCreditLimit: lowCreditLimit && limitFromProto(lowCreditLimit, fields, `${path}.low_credit_limit`),
    mandatoryPurchase: credit.mandatoryPurchase,
    expiresAfter: given(credit.expiresAfter),
    minQuantity: fields.optionalAmount(credit.minQuantity, `${path}.min_quantity`),
    maxQuantity: fields.optionalAmount(credit.maxQuantity, `${path}.max_quantity`),
  };
}

function includedFromProto(
  included: rpc.IncludedCredits,
  fields: RequestFields,
  path: string,
): IncludedCreditsDraft {
  const { rollover } = included;
  return {
    allowance: fields.amount(included.allowance, `${path}.allowance`),
    resetInterval: intervalFromProto(included.resetInterval, fields, `${path}.reset_interval`),
    rollover: rollover && {
      cap: fields.optionalAmount(rollover.cap, `${path}.rollover.cap`),
      periods: rollover.periods,
    },
    priority: included.priority ?? undefined,
  };
}

function pricedFromProto(priced: rpc.PricedCredits, fields: RequestFields, path: string): PricedCreditsDraft {
  const { topUp, recurring } = priced;
  return {
    commitment: fields.oneOf(priced.commitment, `${path}.commitment`, COMMITMENTS),
    topUp: topUp && scheduleFromProto(topUp, fields, `${path}.top_up`),
    recurring: recurring && packFromProto(recurring, fields, `${path}.recurring`),
    priority: priced.priority ?? undefined,
  };
}

function packFromProto(
  pack: rpc.RecurringPack,
  fields: RequestFields,
  path: string,
): NonNullable<PricedCreditsDraft['recurring']> | null {
  const quantity = fields.amount(pack.quantity, `${path}.quantity`);
  const billingInterval = intervalFromProto(pack.billingInterval, fields, `${path}.billing_interval`);
  if (!pack.schedule) {
    fields.fault(`${path}.schedule`, 'is missing');
    return null;
  }
  return {
    quantity,
    billingInterval,
    schedule: scheduleFromProto(pack.schedule, fields, `${path}.schedule`),
  };
}

function limitFromProto(limit: rpc.LowCreditLimit, fields: RequestFields, path: string): LowCreditLimit {
  return {
    threshold: fields.amount(limit.threshold, `${path}.threshold`),
    action: fields.oneOf(limit.action, `${path}.action`, ACTIONS) ?? 'alert',
  };
}

function featureFromProto(feature: rpc.PlanFeature, fields: RequestFields, path: string): PlanFeatureDraft {
  return {
    feature: feature.feature,
    creditSystem: feature.creditSystem,
    creditCost: fields.amount(feature.creditCost, `${path}.credit_cost`),
    prepaid: feature.prepaid ?? undefined,
  };
}

/** Proto3 says "not given" with an empty text. */
function given(text: string): string | undefined {
  return text === '' ? undefined : text;
}
