import type { AccountState, Grant, Hold, Instant, Wallet } from '#domain';
import { haveSameGrantTerms } from './grant-snapshot.js';
import { readHold, storedHold } from './hold-snapshot.js';
import { readAmount, storedAmount, type StoredAmount } from './stored-amount.js';
import type { Stored } from './stored-shape.js';

/**
 * The part of an account's state that ordinary events move: amounts, holds, and how far time was looked at. It is a
 * tenth of the whole. A store may keep the whole as it was once and beside it this part as it is now, for as long as
 * the terms are the same: a state equals `withMoving(former, encodeMoving(state))` for any former one of its terms.
 */

type StoredGrant = readonly [
  available: StoredAmount,
  held: StoredAmount,
  consumed: StoredAmount,
  expired: StoredAmount,
  voided: StoredAmount,
  rolledOver: StoredAmount,
];

type StoredWallet = readonly [
  included: StoredAmount,
  purchased: StoredAmount,
  promotional: StoredAmount,
  held: StoredAmount,
  blocked: StoredAmount,
  billable: StoredAmount,
  low: boolean,
  holds: readonly Stored<Hold>[],
  grants: readonly StoredGrant[],
];

/** Wallets in the order of their keys. */
type StoredMoving = readonly [recordedThrough: Instant | null, wallets: readonly StoredWallet[]];

/** Whether all but the moving part is the very same. False for what is equal but other objects: no harm is done. */
export function haveSameTerms(a: AccountState, b: AccountState): boolean {
  return (
    a.exists === b.exists &&
    haveSame(a.subscriptions, b.subscriptions, areSame) &&
    Object.keys(a.wallets).length === Object.keys(b.wallets).length &&
    Object.entries(a.wallets).every(([key, wallet]) => {
      const other = Object.hasOwn(b.wallets, key) ? b.wallets[key] : undefined;
      return other !== undefined && haveSameWalletTerms(wallet, other);
    })
  );
}

/** JSON text of the moving part. */
export function encodeMoving(state: AccountState): string {
  const wallets: StoredWallet[] = [];
  for (const key of walletKeys(state)) {
    const wallet = state.wallets[key];
    if (wallet) wallets.push(storedWallet(wallet));
  }
  const stored: StoredMoving = [state.recordedThrough, wallets];
  return JSON.stringify(stored);
}

/**
 * The state with its moving part as it stands in the text.
 * @param former a state of the same terms
 * @throws Error for a text of other wallets or grants
 */
export function withMoving(former: AccountState, text: string): AccountState {
  const [recordedThrough, stored] = JSON.parse(text) as StoredMoving;
  const keys = walletKeys(former);
  if (keys.length !== stored.length)
    throw new Error(`${keys.length} wallets, but ${stored.length} that moved`);
  const wallets = new Map<string, Wallet>();
  for (const [at, key] of keys.entries()) {
    const [wallet, moved] = [former.wallets[key], stored[at]];
    if (wallet && moved) wallets.set(key, movedWallet(wallet, moved));
  }
  return { ...former, recordedThrough, wallets: Object.fromEntries(wallets) };
}

function haveSameWalletTerms(a: Wallet, b: Wallet): boolean {
  return (
    a.creditSystem === b.creditSystem &&
    a.autoTopUp === b.autoTopUp &&
    haveSame(a.grants, b.grants, haveSameGrantTerms) &&
    haveSame(a.closed, b.closed, areSame)
  );
}

function haveSame<T>(a: readonly T[], b: readonly T[], same: (one: T, other: T) => boolean): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((one, at) => same(one, b[at] as T));
}

function areSame(a: unknown, b: unknown): boolean {
  return a === b;
}

function walletKeys({ wallets }: AccountState): readonly string[] {
  return Object.keys(wallets).sort();
}

function storedWallet({ balance, uncovered, low, holds, grants }: Wallet): StoredWallet {
  return [
    storedAmount(balance.included),
    storedAmount(balance.purchased),
    storedAmount(balance.promotional),
    storedAmount(balance.held),
    storedAmount(uncovered.blocked),
    storedAmount(uncovered.billable),
    low,
    holds.map(storedHold),
    grants.map(storedGrant),
  ];
}

function storedGrant({ available, held, consumed, expired, voided, rolledOver }: Grant): StoredGrant {
  return [
    storedAmount(available),
    storedAmount(held),
    storedAmount(consumed),
    storedAmount(expired),
    storedAmount(voided),
    storedAmount(rolledOver),
  ];
}

function movedWallet(wallet: Wallet, stored: StoredWallet): Wallet {
  const [included, purchased, promotional, held, blocked, billable, low, holds, grants] = stored;
  if (grants.length !== wallet.grants.length)
    throw new Error(
      `${wallet.creditSystem}: ${wallet.grants.length} grants, but ${grants.length} that moved`,
    );
  return {
    ...wallet,
    grants: wallet.grants.map((grant, at) => movedGrant(grant, grants[at])),
    holds: holds.map(readHold),
    balance: {
      included: readAmount(included),
      purchased: readAmount(purchased),
      promotional: readAmount(promotional),
      held: readAmount(held),
    },
    uncovered: { blocked: readAmount(blocked), billable: readAmount(billable) },
    low,
  };
}

function movedGrant(grant: Grant, stored: StoredGrant | undefined): Grant {
  if (stored === undefined) return grant;
  const [available, held, consumed, expired, voided, rolledOver] = stored;
  return {
    ...grant,
    available: readAmount(available),
    held: readAmount(held),
    consumed: readAmount(consumed),
    expired: readAmount(expired),
    voided: readAmount(voided),
    rolledOver: readAmount(rolledOver),
  };
}
