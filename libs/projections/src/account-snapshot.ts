import {
  Amount,
  type AccountState,
  type AutoTopUp,
  type AutoTopUpTerms,
  type Balance,
  type CreditLimit,
  type Subscription,
  type SubscriptionTerms,
  type Wallet,
} from '#domain';
import { encodeGrant, readGrant, readOptional } from './grant-snapshot.js';
import { readHold, storedHold } from './hold-snapshot.js';
import { orderedPlan, orderedPrice } from './origin-snapshot.js';
import { rememberedText } from './remembered-text.js';
import type { Stored } from './stored-shape.js';

/**
 * The folded state as JSON text, of the version `ACCOUNT_STATE_VERSION` of the domain (kept beside it). By hand,
 * because it is written and read for every account a batch touches, and because equal states must have equal
 * texts: a rebuilt read store is compared with the live one, row for row.
 */
export function encodeAccountState(state: AccountState): string {
  const subscriptions = state.subscriptions.map(subscriptionText).join(',');
  const wallets = Object.entries(state.wallets)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, wallet]) => `${JSON.stringify(key)}:${walletText(wallet)}`)
    .join(',');
  return (
    `{"exists":${state.exists},"recordedThrough":${JSON.stringify(state.recordedThrough)},` +
    `"subscriptions":[${subscriptions}],"wallets":{${wallets}}}`
  );
}

export function decodeAccountState(text: string): AccountState {
  const stored = JSON.parse(text) as Stored<AccountState>;
  return {
    exists: stored.exists,
    recordedThrough: stored.recordedThrough,
    subscriptions: stored.subscriptions.map(readSubscription),
    wallets: byKey(stored.wallets, readWallet),
  };
}

/** Hardly any event touches a subscription, and every event has its account written again. */
const subscriptionText = rememberedText((subscription: Subscription) =>
  JSON.stringify(storedSubscription(subscription)),
);

function storedSubscription(subscription: Subscription): Stored<Subscription> {
  return {
    id: subscription.id,
    startsAt: subscription.startsAt,
    endsAt: subscription.endsAt,
    terms: subscription.terms.map(storedTerms),
    schedules: subscription.schedules.map(({ creditSystem, kind, nextIndex, nextAt }) => ({
      creditSystem,
      kind,
      nextIndex,
      nextAt,
    })),
    purchasedIn: subscription.purchasedIn,
  };
}

function readSubscription(stored: Stored<Subscription>): Subscription {
  return { ...stored, terms: stored.terms.map(readTerms) };
}

function storedTerms({
  number,
  from,
  plan,
  anchor,
  lowCreditLimits,
}: SubscriptionTerms): Stored<SubscriptionTerms> {
  const stored = { number, from, plan: orderedPlan(plan), anchor };
  return lowCreditLimits ? { ...stored, lowCreditLimits: lowCreditLimits.map(storedLimit) } : stored;
}

function readTerms({ lowCreditLimits, ...stored }: Stored<SubscriptionTerms>): SubscriptionTerms {
  return lowCreditLimits ? { ...stored, lowCreditLimits: lowCreditLimits.map(readLimit) } : stored;
}

function storedLimit({ creditSystem, threshold, action }: CreditLimit): Stored<CreditLimit> {
  return { creditSystem, threshold: threshold.toString(), action };
}

function readLimit({ creditSystem, threshold, action }: Stored<CreditLimit>): CreditLimit {
  return { creditSystem, threshold: Amount.parse(threshold), action };
}

function walletText(wallet: Wallet): string {
  const { balance, uncovered, autoTopUp } = wallet;
  const grants = wallet.grants.map(encodeGrant).join(',');
  const closed = wallet.closed.map(encodeGrant).join(',');
  const topUp = autoTopUp === null ? 'null' : JSON.stringify(storedAutoTopUp(autoTopUp));
  // Amounts are digits, a point and a sign: nothing in them needs an escape.
  return (
    `{"grants":[${grants}],"closed":[${closed}],"creditSystem":${JSON.stringify(wallet.creditSystem)},` +
    `"holds":${JSON.stringify(wallet.holds.map(storedHold))},` +
    `"balance":{"included":"${balance.included.toString()}","purchased":"${balance.purchased.toString()}",` +
    `"promotional":"${balance.promotional.toString()}","held":"${balance.held.toString()}"},` +
    `"uncovered":{"blocked":"${uncovered.blocked.toString()}","billable":"${uncovered.billable.toString()}"},` +
    `"low":${wallet.low},"autoTopUp":${topUp}}`
  );
}

function readWallet(stored: Stored<Wallet>): Wallet {
  return {
    creditSystem: stored.creditSystem,
    grants: stored.grants.map(readGrant),
    closed: stored.closed.map(readGrant),
    holds: stored.holds.map(readHold),
    balance: readBalance(stored.balance),
    uncovered: {
      blocked: Amount.parse(stored.uncovered.blocked),
      billable: Amount.parse(stored.uncovered.billable),
    },
    low: stored.low,
    autoTopUp: stored.autoTopUp && readAutoTopUp(stored.autoTopUp),
  };
}

function readBalance({ included, purchased, promotional, held }: Stored<Balance>): Balance {
  return {
    included: Amount.parse(included),
    purchased: Amount.parse(purchased),
    promotional: Amount.parse(promotional),
    held: Amount.parse(held),
  };
}

function storedAutoTopUp(topUp: AutoTopUp): Stored<AutoTopUp> {
  const { inFlight, askedOn } = topUp;
  return {
    subscriptionId: topUp.subscriptionId,
    terms: storedTopUpTerms(topUp.terms),
    stopped: topUp.stopped,
    consecutiveFailures: topUp.consecutiveFailures,
    requests: topUp.requests,
    inFlight: inFlight && {
      requestId: inFlight.requestId,
      quantity: inFlight.quantity.toString(),
      ...(inFlight.subscriptionId !== undefined && { subscriptionId: inFlight.subscriptionId }),
      plan: orderedPlan(inFlight.plan),
      price: orderedPrice(inFlight.price),
    },
    askedOn: {
      day: askedOn.day,
      daily: askedOn.daily.toString(),
      month: askedOn.month,
      monthly: askedOn.monthly.toString(),
    },
  };
}

function readAutoTopUp(stored: Stored<AutoTopUp>): AutoTopUp {
  const { inFlight, askedOn } = stored;
  return {
    ...stored,
    terms: readTopUpTerms(stored.terms),
    inFlight: inFlight && { ...inFlight, quantity: Amount.parse(inFlight.quantity) },
    askedOn: {
      ...askedOn,
      daily: Amount.parse(askedOn.daily),
      monthly: Amount.parse(askedOn.monthly),
    },
  };
}

function storedTopUpTerms(terms: AutoTopUpTerms): Stored<AutoTopUpTerms> {
  return {
    enabled: terms.enabled,
    threshold: terms.threshold.toString(),
    target: terms.target.toString(),
    dailyCap: terms.dailyCap?.toString() ?? null,
    monthlyCap: terms.monthlyCap?.toString() ?? null,
  };
}

function readTopUpTerms(stored: Stored<AutoTopUpTerms>): AutoTopUpTerms {
  return {
    enabled: stored.enabled,
    threshold: Amount.parse(stored.threshold),
    target: Amount.parse(stored.target),
    dailyCap: readOptional(stored.dailyCap),
    monthlyCap: readOptional(stored.monthlyCap),
  };
}

/** A key such as `__proto__` is a key like any other, hence no plain assignment. */
function byKey<From, To>(
  record: Readonly<Record<string, From>>,
  convert: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value)]));
}
