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
