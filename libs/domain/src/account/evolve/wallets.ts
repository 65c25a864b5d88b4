import type { Draw, Grant, WalletFact } from '../events.js';
import type { AccountState, Wallet } from '../state.js';
import { insertInBurnOrder } from '../wallet/burn-order.js';
import { walletOf, withBalance, withGrants } from '../wallet/wallet.js';

/** Changes the wallet that an event is about and carries its balance along. */
export function withWallet(
  state: AccountState,
  event: WalletFact,
  change: (wallet: Wallet) => Wallet,
): AccountState {
  const { creditSystem, balance } = event;
  const wallet = withBalance(change(walletOf(state, creditSystem)), balance);
  const { exists, recordedThrough, subscriptions } = state;
  return { exists, recordedThrough, subscriptions, wallets: { ...state.wallets, [creditSystem]: wallet } };
}

/**
 * Changes the grants that draws name. A grant keeps its place in the burn-down order; one with nothing left
 * moves to the closed ones.
 * @throws Error for a draw on a grant that is not open: the stream is broken
 */
export function withDrawn(
  wallet: Wallet,
  draws: readonly Draw[],
  change: (grant: Grant, draw: Draw) => Grant,
): Wallet {
  if (draws.length === 0) return wallet;
  const grants = wallet.grants.slice();
  let at = -1;
  for (const draw of draws) {
    at = placeOf(draw.grantId, grants, at + 1);
    const grant = grants[at];
    if (grant === undefined) throw new Error(notOpen(wallet, draw.grantId));
    grants[at] = change(grant, draw);
  }
  const spent = grants.filter(isSpent);
  // A catch-up closes grants by the thousand: concat copies them in one go, where a spread takes one after the other.
  return spent.length === 0
    ? withGrants(wallet, grants, wallet.closed)
    : withGrants(
        wallet,
        grants.filter((grant) => !isSpent(grant)),
        wallet.closed.concat(spent),
      );
}

/** Looks from `expected` on first: draws mostly come in the order of the grants, and there may be thousands of both. */
function placeOf(grantId: string, grants: readonly Grant[], expected: number): number {
  for (let at = expected; at < grants.length; at += 1) if (grants[at]?.grantId === grantId) return at;
  return grants.findIndex((grant) => grant.grantId === grantId);
}

/** Changes one open grant. */
export function withGrant(wallet: Wallet, grantId: string, change: (grant: Grant) => Grant): Wallet {
  const grant = wallet.grants.find((candidate) => candidate.grantId === grantId);
  if (grant === undefined) throw new Error(notOpen(wallet, grantId));
  const after = change(grant);
  return isSpent(after)
    ? {
        ...wallet,
        grants: wallet.grants.filter((candidate) => candidate !== grant),
        closed: wallet.closed.concat(after),
      }
    : { ...wallet, grants: wallet.grants.map((candidate) => (candidate === grant ? after : candidate)) };
}

/** Adds an open grant where it belongs. */
export function withNewGrant(wallet: Wallet, grant: Grant): Wallet {
  return { ...wallet, grants: insertInBurnOrder(wallet.grants, grant) };
}

function isSpent(grant: Grant): boolean {
  return grant.available.isZero && grant.held.isZero;
}

function notOpen(wallet: Wallet, grantId: string): string {
  return `wallet ${wallet.creditSystem} has no open grant ${grantId}`;
}
