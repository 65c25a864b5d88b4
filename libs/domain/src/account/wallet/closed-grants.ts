import type { AccountState, Wallet } from '../state.js';

/**
 * The state as a snapshot keeps it: grants with nothing left are dropped, so that an account stays small however
 * long it lives. Decisions are the same, but for those that `needsHistory` names.
 */
export function withoutClosedGrants(state: AccountState): AccountState {
  const wallets = Object.values(state.wallets);
  if (wallets.every((wallet) => wallet.closed.length === 0)) return state;
  return {
    ...state,
    wallets: Object.fromEntries(
      wallets.map((wallet): [string, Wallet] => [
        wallet.creditSystem,
        wallet.closed.length === 0 ? wallet : { ...wallet, closed: [] },
      ]),
    ),
  };
}
