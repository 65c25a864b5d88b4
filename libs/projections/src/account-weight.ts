import type { AccountState } from '#domain';

/** What an account weighs at most that is like most: a dozen of grants and holds. */
export const ORDINARY_WEIGHT = 12;

/**
 * How much of memory an account's state takes, in the part that grows without bounds: its grants and holds. A cache
 * bounded by a number of accounts alone takes fifty times as much where each of them has hundreds.
 */
export function accountWeight({ wallets }: AccountState): number {
  let weight = 1;
  for (const key in wallets) {
    const wallet = wallets[key];
    if (wallet) weight += wallet.grants.length + wallet.holds.length;
  }
  return Math.max(ORDINARY_WEIGHT, weight);
}
