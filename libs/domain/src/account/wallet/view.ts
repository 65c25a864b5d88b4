import { Amount } from '../../amount/index.js';
import type { Instant } from '../../time/index.js';
import type { CreditSource, Grant } from '../events.js';
import type { AccountState } from '../state.js';
import { isUsableAt } from './available.js';
import { walletOf } from './wallet.js';

/** A wallet as its customer sees it at an instant. Settle the account to that instant first (`settledAt`). */
export interface WalletView {
  readonly creditSystem: string;
  /** included + purchased + promotional: what can be spent. */
  readonly totalAvailable: Amount;
  readonly included: Amount;
  readonly purchased: Amount;
  readonly promotional: Amount;
  /** Set aside by holds. */
  readonly held: Amount;
  /** Left in expired grants, waiting for usage from before their expiry; not available. */
  readonly pendingExpiry: Amount;
  /** Granted, but not in effect yet; not available. */
  readonly upcoming: Amount;
  /** Usage that no grant could pay, since the beginning, less what was written off. */
  readonly uncovered: { readonly total: Amount; readonly blocked: Amount; readonly billable: Amount };
  /** The wallet is below its low credit limit and the crossing was recorded. */
  readonly low: boolean;
  /** When credits that are available now will be lost next, and how many. Null: never. */
  readonly nextExpiry: { readonly at: Instant; readonly amount: Amount } | null;
  readonly nextRenewal: NextRenewal | null;
  /** Grants with something left, in burn-down order. */
  readonly grants: readonly Grant[];
}

export interface NextRenewal {
  readonly at: Instant;
  readonly subscriptionId: string;
  readonly kind: 'allowance' | 'pack';
}

export function walletView(state: AccountState, creditSystem: string, at: Instant): WalletView {
  const wallet = walletOf(state, creditSystem);
  const usable = wallet.grants.filter((grant) => isUsableAt(grant, at));
  const from = (source: CreditSource) => available(usable.filter((grant) => grant.source === source));
  const { blocked, billable } = wallet.uncovered;
  return {
    creditSystem,
    totalAvailable: available(usable),
    included: from('included'),
    purchased: from('purchased'),
    promotional: from('promotional'),
    held: wallet.balance.held,
    pendingExpiry: available(
      wallet.grants.filter((grant) => grant.expiresAt !== null && grant.expiresAt <= at),
    ),
    upcoming: available(wallet.grants.filter((grant) => grant.effectiveAt > at)),
    uncovered: { total: blocked.plus(billable), blocked, billable },
    low: wallet.low,
    nextExpiry: nextExpiry(usable),
    nextRenewal: nextRenewal(state, creditSystem, at),
    grants: wallet.grants,
  };
}

function available(grants: readonly Grant[]): Amount {
  return Amount.sum(grants.map((grant) => grant.available));
}

function nextExpiry(usable: readonly Grant[]): WalletView['nextExpiry'] {
  let at: Instant | null = null;
  for (const grant of usable) {
    if (grant.expiresAt === null || grant.available.isZero) continue;
    if (at === null || grant.expiresAt < at) at = grant.expiresAt;
  }
  return at === null ? null : { at, amount: available(usable.filter((grant) => grant.expiresAt === at)) };
}

function nextRenewal(state: AccountState, creditSystem: string, at: Instant): NextRenewal | null {
  let next: NextRenewal | null = null;
  for (const subscription of state.subscriptions) {
    for (const schedule of subscription.schedules) {
      if (schedule.creditSystem !== creditSystem || schedule.nextAt <= at) continue;
      if (next === null || schedule.nextAt < next.at)
        next = { at: schedule.nextAt, subscriptionId: subscription.id, kind: schedule.kind };
    }
  }
  return next;
}
