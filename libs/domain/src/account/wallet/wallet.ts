import { Amount } from '../../amount/index.js';
import type { Balance, Grant } from '../events.js';
import type { AccountState, Wallet } from '../state.js';

export const emptyBalance: Balance = {
  included: Amount.zero,
  purchased: Amount.zero,
  promotional: Amount.zero,
  held: Amount.zero,
};

/** The wallet of a credit system; undefined while no event has touched it. */
export function findWallet(state: AccountState, creditSystem: string): Wallet | undefined {
  // Keys come from outside: `constructor` must not find what every object inherits.
  return Object.hasOwn(state.wallets, creditSystem) ? state.wallets[creditSystem] : undefined;
}

export function walletOf(state: AccountState, creditSystem: string): Wallet {
  return findWallet(state, creditSystem) ?? emptyWallet(creditSystem);
}

export function findGrant(wallet: Wallet, grantId: string): Grant | undefined {
  return (
    wallet.grants.find((grant) => grant.grantId === grantId) ??
    wallet.closed.find((grant) => grant.grantId === grantId)
  );
}

export function emptyWallet(creditSystem: string): Wallet {
  return {
    creditSystem,
    grants: [],
    closed: [],
    holds: [],
    balance: emptyBalance,
    uncovered: { blocked: Amount.zero, billable: Amount.zero },
    low: false,
    autoTopUp: null,
  };
}

/**
 * The wallet with other grants. Member by member, here and below: every debit copies what it changes, and a spread of
 * so many members costs ten times as much and leaves twice the garbage.
 */
export function withGrants(
  { creditSystem, holds, balance, uncovered, low, autoTopUp }: Wallet,
  grants: readonly Grant[],
  closed: readonly Grant[],
): Wallet {
  return { creditSystem, grants, closed, holds, balance, uncovered, low, autoTopUp };
}

/** The wallet with another balance. */
export function withBalance(
  { creditSystem, grants, closed, holds, uncovered, low, autoTopUp }: Wallet,
  balance: Balance,
): Wallet {
  return { creditSystem, grants, closed, holds, balance, uncovered, low, autoTopUp };
}

/** The grant with so much of what was available consumed. */
export function withConsumed(grant: Grant, amount: Amount): Grant {
  const { plannedEnds, voidedInHold } = grant;
  const after: Required<Omit<Grant, 'plannedEnds' | 'plannedExpiresAt' | 'voidedInHold'>> = {
    grantId: grant.grantId,
    source: grant.source,
    priority: grant.priority,
    effectiveAt: grant.effectiveAt,
    expiresAt: grant.expiresAt,
    features: grant.features,
    origin: grant.origin,
    rollover: grant.rollover,
    grantedAt: grant.grantedAt,
    granted: grant.granted,
    available: grant.available.minus(amount),
    held: grant.held,
    consumed: grant.consumed.plus(amount),
    expired: grant.expired,
    voided: grant.voided,
    rolledOver: grant.rolledOver,
  };
  if (plannedEnds === undefined && voidedInHold === undefined) return after;
  return { ...after, ...(plannedEnds && { plannedEnds }), ...(voidedInHold && { voidedInHold }) };
}

/** Whether credits that come back to the grant are voided. */
export function isVoided({ voided, voidedInHold }: Grant): boolean {
  return voidedInHold === true || voided.isPositive;
}
