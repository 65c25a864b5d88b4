import { drawMessages, sourceMessage, toTimestamp, toTimestampOrNull, type rpc } from '#contracts';
import {
  Amount,
  walletOf,
  walletView,
  type AutoTopUp,
  type Catalog,
  type Grant,
  type Hold,
  type Instant,
  type WalletView,
} from '#domain';
import type { ReadAccount } from '../account/read-account.js';
import { originMessage } from '../messages/event-messages.js';
import { renewalAmount } from './renewal-amount.js';

/** One wallet of a settled account; a credit system that the account has never touched is an empty wallet. */
export function walletMessage(account: ReadAccount, creditSystem: string, catalog: Catalog): rpc.Wallet {
  const { customerId, state, revision, at } = account;
  const view = walletView(state, creditSystem, at);
  const { holds, autoTopUp } = walletOf(state, creditSystem);
  const { nextRenewal } = view;
  return {
    customerId,
    creditSystem,
    totalAvailable: view.totalAvailable.toString(),
    included: view.included.toString(),
    purchased: view.purchased.toString(),
    promotional: view.promotional.toString(),
    held: view.held.toString(),
    pendingExpiry: view.pendingExpiry.toString(),
    uncovered: view.uncovered.total.toString(),
    uncoveredBlocked: view.uncovered.blocked.toString(),
    uncoveredBillable: view.uncovered.billable.toString(),
    nextExpiry: view.nextExpiry && {
      at: toTimestamp(view.nextExpiry.at),
      amount: view.nextExpiry.amount.toString(),
    },
    nextRenewal: nextRenewal && {
      at: toTimestamp(nextRenewal.at),
      subscriptionId: nextRenewal.subscriptionId,
      amount: renewalAmount(state, creditSystem, nextRenewal, catalog).toString(),
    },
    grants: view.grants.map((grant) => grantMessage(grant, at)),
    holds: holds.map(holdMessage),
    low: view.low,
    autoTopUp: autoTopUp && autoTopUpMessage(autoTopUp),
    revision,
    asOf: toTimestamp(at),
  };
}

/** The wallet in short. */
export function viewBalance(view: WalletView): rpc.WalletBalance {
  return {
    creditSystem: view.creditSystem,
    totalAvailable: view.totalAvailable.toString(),
    included: view.included.toString(),
    purchased: view.purchased.toString(),
    promotional: view.promotional.toString(),
    held: view.held.toString(),
  };
}

function grantMessage(grant: Grant, at: Instant): rpc.Grant {
  return {
    grantId: grant.grantId,
    source: sourceMessage(grant.source),
    priority: grant.priority,
    grantedAt: toTimestamp(grant.grantedAt),
    effectiveAt: toTimestamp(grant.effectiveAt),
    expiresAt: toTimestampOrNull(grant.expiresAt),
    features: grant.features ?? [],
    origin: originMessage(grant.origin),
    granted: grant.granted.toString(),
    available: grant.available.toString(),
    held: grant.held.toString(),
    consumed: grant.consumed.toString(),
    expired: grant.expired.toString(),
    voided: grant.voided.toString(),
    rolledOver: grant.rolledOver.toString(),
    pendingExpiry: grant.expiresAt !== null && grant.expiresAt <= at,
  };
}

function holdMessage({ id, feature, placedAt, timesOutAt, draws }: Hold): rpc.Hold {
  return {
    holdId: id,
    feature: feature ?? '',
    amount: Amount.sum(draws.map(({ amount }) => amount)).toString(),
    placedAt: toTimestamp(placedAt),
    timesOutAt: toTimestamp(timesOutAt),
    draws: drawMessages(draws),
  };
}

function autoTopUpMessage(autoTopUp: AutoTopUp): rpc.AutoTopUp {
  const { subscriptionId, terms, stopped, inFlight, consecutiveFailures } = autoTopUp;
  return {
    subscriptionId,
    terms: {
      enabled: terms.enabled,
      threshold: terms.threshold.toString(),
      target: terms.target.toString(),
      dailyCap: terms.dailyCap?.toString() ?? '',
      monthlyCap: terms.monthlyCap?.toString() ?? '',
    },
    stopped: stopped ?? '',
    requestId: inFlight?.requestId ?? '',
    requested: inFlight?.quantity.toString() ?? '',
    consecutiveFailures,
  };
}
