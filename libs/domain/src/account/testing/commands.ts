import type {
  AccountCommand,
  CancelSubscription,
  CaptureHold,
  ChangeSubscription,
  ConfigureAutoTopUp,
  GrantCredits,
  PlaceHold,
  PurchaseCredits,
  RecordUsage,
  ReleaseHold,
  ReportTopUpPayment,
  ReverseDebit,
  Settle,
  StartSubscription,
  VoidGrant,
} from '../index.js';
import { amount } from './catalogs.js';
import { moment } from './test-account.js';

/** Commands as their senders would write them: only what matters to the test, the rest by default. */

type Keyless<C extends AccountCommand> = Omit<C, 'type' | 'key' | 'fingerprint'>;

/** A fingerprint that differs whenever the content does. */
function keyed<C extends AccountCommand>(type: C['type'], key: string, content: Keyless<C>): C {
  return { type, key, fingerprint: JSON.stringify([type, content]), ...content } as unknown as C;
}

export function usage(
  id: string,
  quantity: string | number,
  time: string,
  rest: { readonly feature?: string; readonly mode?: RecordUsage['mode'] } = {},
): RecordUsage {
  const content = {
    mode: 'metered' as const,
    feature: 'call',
    quantity: amount(quantity),
    time: moment(time),
    dimensions: {},
    ...rest,
  };
  return { type: 'RecordUsage', source: 'gateway', id, fingerprint: JSON.stringify(content), ...content };
}

export function ask(
  id: string,
  quantity: string | number,
  time: string,
  rest: { readonly feature?: string } = {},
): RecordUsage {
  return usage(id, quantity, time, { ...rest, mode: 'synchronous' });
}

export function start(
  rest: Partial<Omit<Keyless<StartSubscription>, 'startsAt'>> & { readonly startsAt?: string } = {},
  key = `start ${rest.subscriptionId ?? 'sub'}`,
): StartSubscription {
  const { startsAt, ...others } = rest;
  return keyed<StartSubscription>('StartSubscription', key, {
    subscriptionId: 'sub',
    planId: 'plan',
    ...others,
    ...(startsAt === undefined ? {} : { startsAt: moment(startsAt) }),
  });
}

export function change(
  planVersion: number,
  when: ChangeSubscription['when'],
  rest: Partial<Keyless<ChangeSubscription>> = {},
  key = `change to ${planVersion} ${when}`,
): ChangeSubscription {
  return keyed<ChangeSubscription>('ChangeSubscription', key, {
    subscriptionId: 'sub',
    planId: 'plan',
    planVersion,
    when,
    ...rest,
  });
}

export function cancel(
  when: CancelSubscription['when'],
  subscriptionId = 'sub',
  key = `cancel ${subscriptionId} ${when}`,
): CancelSubscription {
  return keyed<CancelSubscription>('CancelSubscription', key, { subscriptionId, when });
}

export type Promoted = Partial<Omit<Keyless<GrantCredits>, 'expiresAt' | 'effectiveAt'>> & {
  readonly expiresAt?: string;
  readonly effectiveAt?: string;
};

/** A promotion whose grant is called `promotion/<key>`. */
export function promotion(key: string, credits: string | number, rest: Promoted = {}): GrantCredits {
  const { expiresAt, effectiveAt, ...others } = rest;
  return keyed<GrantCredits>('GrantCredits', key, {
    creditSystem: 'credits',
    amount: amount(credits),
    reason: 'welcome',
    actor: 'sales',
    ...others,
    ...(expiresAt === undefined ? {} : { expiresAt: moment(expiresAt) }),
    ...(effectiveAt === undefined ? {} : { effectiveAt: moment(effectiveAt) }),
  });
}

/** A purchase whose grant is called `purchase/<key>`. */
export function purchase(
  key: string,
  quantity: string | number,
  rest: Partial<Keyless<PurchaseCredits>> = {},
): PurchaseCredits {
  return keyed<PurchaseCredits>('PurchaseCredits', key, {
    creditSystem: 'credits',
    quantity: amount(quantity),
    paymentReference: `payment of ${key}`,
    ...rest,
  });
}

export function voidOf(grantId: string, key = `void ${grantId}`): VoidGrant {
  return keyed<VoidGrant>('VoidGrant', key, { creditSystem: 'credits', grantId, reason: 'by mistake' });
}

export function hold(
  holdId: string,
  credits: string | number,
  timesOutAt: string,
  rest: Partial<Keyless<PlaceHold>> = {},
): PlaceHold {
  return keyed<PlaceHold>('PlaceHold', `place ${holdId}`, {
    holdId,
    ...(rest.feature === undefined ? { creditSystem: 'credits', amount: amount(credits) } : {}),
    timesOutAt: moment(timesOutAt),
    ...rest,
  });
}

export function capture(holdId: string, credits?: string | number, key = `capture ${holdId}`): CaptureHold {
  return keyed<CaptureHold>('CaptureHold', key, {
    holdId,
    ...(credits === undefined ? {} : { amount: amount(credits) }),
  });
}

export function release(holdId: string, key = `release ${holdId}`): ReleaseHold {
  return keyed<ReleaseHold>('ReleaseHold', key, { holdId });
}

export function reverse(id: string, credits?: string | number, key = `reverse ${id}`): ReverseDebit {
  return keyed<ReverseDebit>('ReverseDebit', key, {
    usage: { source: 'gateway', id },
    reason: 'refund',
    ...(credits === undefined ? {} : { amount: amount(credits) }),
  });
}

export function autoTopUp(
  threshold: string | number,
  target: string | number,
  rest: {
    readonly dailyCap?: number;
    readonly monthlyCap?: number;
    readonly enabled?: boolean;
    readonly subscriptionId?: string;
  } = {},
  key = 'configure',
): ConfigureAutoTopUp {
  const { dailyCap, monthlyCap, enabled = true, subscriptionId } = rest;
  return keyed<ConfigureAutoTopUp>('ConfigureAutoTopUp', key, {
    creditSystem: 'credits',
    ...(subscriptionId === undefined ? {} : { subscriptionId }),
    terms: {
      enabled,
      threshold: amount(threshold),
      target: amount(target),
      dailyCap: dailyCap === undefined ? null : amount(dailyCap),
      monthlyCap: monthlyCap === undefined ? null : amount(monthlyCap),
    },
  });
}

export function paid(requestId: string, key = `paid ${requestId}`): ReportTopUpPayment {
  return keyed<ReportTopUpPayment>('ReportTopUpPayment', key, {
    creditSystem: 'credits',
    requestId,
    outcome: 'succeeded',
    paymentReference: `payment of ${requestId}`,
  });
}

export function notPaid(
  requestId: string,
  key = `not paid ${requestId}`,
  failureReason: string | null = 'card declined',
): ReportTopUpPayment {
  return keyed<ReportTopUpPayment>('ReportTopUpPayment', key, {
    creditSystem: 'credits',
    requestId,
    outcome: 'failed',
    ...(failureReason === null ? {} : { failureReason }),
  });
}

export const settleNow: Settle = { type: 'Settle' };
