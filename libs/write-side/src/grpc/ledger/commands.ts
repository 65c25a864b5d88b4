import { fingerprintOf, type JsonValue, type rpc } from '#contracts';
import type {
  AccountCommand,
  AutoTopUpTerms,
  CancelSubscription,
  CaptureHold,
  ChangeSubscription,
  ConfigureAutoTopUp,
  GrantCredits,
  Keyed,
  PlaceHold,
  PurchaseCredits,
  ReleaseHold,
  ReportTopUpPayment,
  ReverseDebit,
  StartSubscription,
  VoidGrant,
} from '#domain';
import { Amount } from '#domain';
import { RequestFields } from '#platform';

/** A command and the account it is for. */
export interface Addressed<C extends AccountCommand> {
  readonly customerId: string;
  readonly command: C;
}

interface KeyedRequest {
  readonly customerId: string;
  readonly idempotencyKey: string;
  readonly actor?: string;
}

/**
 * Makes a command of a request: reads its fields, refuses the request with every fault at once, and fingerprints
 * what it asks for, so that the same key with other content is recognised for ever.
 */
function keyed<C extends Exclude<AccountCommand, { type: 'RecordUsage' | 'Settle' }>>(
  request: KeyedRequest,
  read: (fields: RequestFields, key: string) => Omit<C, keyof Keyed>,
): Addressed<C> {
  const fields = new RequestFields();
  const customerId = fields.customerId(request.customerId);
  const key = fields.key(request.idempotencyKey);
  const actor = fields.optionalText(request.actor, 'actor');
  const content = read(fields, key);
  fields.done();
  const fingerprint = fingerprintOf(JSON.parse(JSON.stringify({ ...content, actor })) as JsonValue);
  const command = { ...content, key, fingerprint, ...(actor !== undefined && { actor }) };
  return { customerId, command: command as unknown as C };
}

/** Leaves out what was not given: the domain's optional fields are absent, never undefined. */
function given<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

export function startSubscription(request: rpc.StartSubscriptionRequest): Addressed<StartSubscription> {
  return keyed<StartSubscription>(request, (fields, key) => ({
    type: 'StartSubscription',
    subscriptionId: fields.optionalName(request.subscriptionId, 'subscription_id') ?? key,
    planId: fields.name(request.planId, 'plan_id'),
    ...given({
      planVersion: request.planVersion ?? undefined,
      startsAt: fields.optionalInstant(request.startsAt, 'starts_at'),
    }),
  }));
}

const TIMINGS = { NOW: 'now', PERIOD_END: 'periodEnd' } as const;

export function changeSubscription(request: rpc.ChangeSubscriptionRequest): Addressed<ChangeSubscription> {
  return keyed<ChangeSubscription>(request, (fields) => ({
    type: 'ChangeSubscription',
    subscriptionId: fields.name(request.subscriptionId, 'subscription_id'),
    planId: fields.name(request.planId, 'plan_id'),
    when: fields.oneOf(request.when, 'when', TIMINGS) ?? 'now',
    ...given({ planVersion: request.planVersion ?? undefined }),
  }));
}

export function cancelSubscription(request: rpc.CancelSubscriptionRequest): Addressed<CancelSubscription> {
  return keyed<CancelSubscription>(request, (fields) => ({
    type: 'CancelSubscription',
    subscriptionId: fields.name(request.subscriptionId, 'subscription_id'),
    when: fields.oneOf(request.when, 'when', TIMINGS) ?? 'now',
  }));
}

/** Every answer that shows a wallet repeats them, for every grant. */
const MAX_GRANT_FEATURES = 100;

export function grantCredits(request: rpc.GrantCreditsRequest): Addressed<GrantCredits> {
  return keyed<GrantCredits>(request, (fields) => {
    if (request.expiresAt && request.expiresAfter) {
      fields.fault('expires_after', 'give either expires_at or expires_after, not both');
    }
    if (request.features.length > MAX_GRANT_FEATURES) {
      fields.fault(
        'features',
        `must be at most ${MAX_GRANT_FEATURES} entries, got ${request.features.length}`,
      );
    }
    // What else may be wrong with it has been told: every command may name its actor.
    if (!request.actor) fields.fault('actor', 'is missing');
    return {
      type: 'GrantCredits',
      creditSystem: fields.name(request.creditSystem, 'credit_system'),
      amount: fields.amount(request.amount, 'amount'),
      reason: fields.text(request.reason, 'reason'),
      actor: request.actor,
      ...given({
        priority: request.priority ?? undefined,
        effectiveAt: fields.optionalInstant(request.effectiveAt, 'effective_at'),
        expiresAt: fields.optionalInstant(request.expiresAt, 'expires_at'),
        expiresAfter: fields.optionalDuration(request.expiresAfter, 'expires_after'),
        features:
          request.features.length === 0
            ? undefined
            : request.features.map((feature, index) => fields.name(feature, `features[${index}]`)),
      }),
    };
  });
}

export function purchaseCredits(request: rpc.PurchaseCreditsRequest): Addressed<PurchaseCredits> {
  return keyed<PurchaseCredits>(request, (fields) => ({
    type: 'PurchaseCredits',
    creditSystem: fields.name(request.creditSystem, 'credit_system'),
    quantity: fields.amount(request.quantity, 'quantity'),
    paymentReference: fields.text(request.paymentReference, 'payment_reference'),
    ...given({ subscriptionId: fields.optionalName(request.subscriptionId, 'subscription_id') }),
  }));
}

export function voidGrant(request: rpc.VoidGrantRequest): Addressed<VoidGrant> {
  return keyed<VoidGrant>(request, (fields) => ({
    type: 'VoidGrant',
    creditSystem: fields.name(request.creditSystem, 'credit_system'),
    grantId: fields.text(request.grantId, 'grant_id'),
    reason: fields.text(request.reason, 'reason'),
  }));
}

export function placeHold(request: rpc.PlaceHoldRequest): Addressed<PlaceHold> {
  return keyed<PlaceHold>(request, (fields, key) => {
    const ofCredits = request.creditSystem !== '' || request.amount !== '';
    const ofFeature = request.feature !== '' || request.quantity !== '';
    if (ofCredits === ofFeature) {
      fields.fault('amount', 'give either credit_system and amount, or feature and quantity');
    }
    const isClear = ofCredits !== ofFeature;
    return {
      type: 'PlaceHold',
      holdId: fields.optionalName(request.holdId, 'hold_id') ?? key,
      timesOutAt: fields.instant(request.timesOutAt, 'times_out_at'),
      ...(isClear &&
        ofCredits && {
          creditSystem: fields.name(request.creditSystem, 'credit_system'),
          amount: fields.amount(request.amount, 'amount'),
        }),
      ...(isClear &&
        ofFeature && {
          feature: fields.name(request.feature, 'feature'),
          quantity: fields.amount(request.quantity, 'quantity'),
        }),
    };
  });
}

export function captureHold(request: rpc.CaptureHoldRequest): Addressed<CaptureHold> {
  return keyed<CaptureHold>(request, (fields) => ({
    type: 'CaptureHold',
    holdId: fields.name(request.holdId, 'hold_id'),
    ...given({ amount: fields.optionalAmount(request.amount, 'amount') }),
  }));
}

export function releaseHold(request: rpc.ReleaseHoldRequest): Addressed<ReleaseHold> {
  return keyed<ReleaseHold>(request, (fields) => ({
    type: 'ReleaseHold',
    holdId: fields.name(request.holdId, 'hold_id'),
  }));
}

export function reverseDebit(request: rpc.ReverseDebitRequest): Addressed<ReverseDebit> {
  return keyed<ReverseDebit>(request, (fields) => ({
    type: 'ReverseDebit',
    usage: {
      source: fields.name(request.usageSource, 'usage_source'),
      id: fields.name(request.usageId, 'usage_id'),
    },
    reason: fields.text(request.reason, 'reason'),
    ...given({ amount: fields.optionalAmount(request.amount, 'amount') }),
  }));
}

export function configureAutoTopUp(request: rpc.ConfigureAutoTopUpRequest): Addressed<ConfigureAutoTopUp> {
  return keyed<ConfigureAutoTopUp>(request, (fields) => ({
    type: 'ConfigureAutoTopUp',
    creditSystem: fields.name(request.creditSystem, 'credit_system'),
    terms: autoTopUpTerms(request.terms, fields),
    ...given({ subscriptionId: fields.optionalName(request.subscriptionId, 'subscription_id') }),
  }));
}

function autoTopUpTerms(terms: rpc.AutoTopUpTerms | null, fields: RequestFields): AutoTopUpTerms {
  if (!terms) {
    fields.fault('terms', 'is missing');
    return { enabled: false, threshold: Amount.zero, target: Amount.zero, dailyCap: null, monthlyCap: null };
  }
  return {
    enabled: terms.enabled,
    threshold: fields.amount(terms.threshold, 'terms.threshold'),
    target: fields.amount(terms.target, 'terms.target'),
    dailyCap: fields.optionalAmount(terms.dailyCap, 'terms.daily_cap') ?? null,
    monthlyCap: fields.optionalAmount(terms.monthlyCap, 'terms.monthly_cap') ?? null,
  };
}

const PAYMENT_OUTCOMES = { SUCCEEDED: 'succeeded', FAILED: 'failed' } as const;

export function reportTopUpPayment(request: rpc.ReportTopUpPaymentRequest): Addressed<ReportTopUpPayment> {
  return keyed<ReportTopUpPayment>(request, (fields) => ({
    type: 'ReportTopUpPayment',
    creditSystem: fields.name(request.creditSystem, 'credit_system'),
    requestId: fields.text(request.requestId, 'request_id'),
    outcome: fields.oneOf(request.outcome, 'outcome', PAYMENT_OUTCOMES) ?? 'failed',
    ...given({
      paymentReference:
        request.outcome === 'SUCCEEDED'
          ? fields.text(request.paymentReference, 'payment_reference')
          : fields.optionalText(request.paymentReference, 'payment_reference'),
      failureReason:
        request.outcome === 'FAILED'
          ? fields.text(request.failureReason, 'failure_reason')
          : fields.optionalText(request.failureReason, 'failure_reason'),
    }),
  }));
}
