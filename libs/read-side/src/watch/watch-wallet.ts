import { isDeepStrictEqual } from 'node:util';
import type { rpc } from '#contracts';
import { toMs } from '#domain';
import type { LiveCatalog } from '#journal';
import type { Accounts } from '../account/accounts.js';
import { mustKnowCreditSystem } from '../account/known-credit-system.js';
import type { ChangeFeed } from '../feed/change-feed.js';
import type { Wallets } from '../wallet/wallets.js';
import { nextChangeByTime } from './next-change.js';

export interface WatchParts {
  readonly accounts: Accounts;
  readonly wallets: Wallets;
  readonly catalog: LiveCatalog;
  readonly feed: ChangeFeed;
}

/** A wallet is looked at again after this long even if nothing is known to change it. */
const LOOK_AGAIN_MS = 3_600_000;

/**
 * The wallet now, and again whenever it has changed: by an event, or by time alone (a grant expires, a period
 * begins). A reader that is slow gets the latest, never a queue of what is past.
 * @throws Refused CUSTOMER_UNKNOWN, CREDIT_SYSTEM_UNKNOWN
 */
export async function* watchWallet(
  customerId: string,
  creditSystem: string,
  { accounts, wallets, catalog, feed }: WatchParts,
  signal: AbortSignal,
): AsyncGenerator<rpc.Wallet> {
  await mustKnowCreditSystem(catalog, creditSystem);
  // Watched before it is read: what changes in between is told afterwards.
  const watch = feed.watch(customerId);
  try {
    let told: rpc.Wallet | undefined;
    while (!signal.aborted) {
      const account = await accounts.now(customerId, { signal });
      const wallet = wallets.message(account, creditSystem);
      if (told === undefined || !isDeepStrictEqual(unmarked(told), unmarked(wallet))) {
        told = wallet;
        yield wallet;
      }
      const next = nextChangeByTime(account.state, creditSystem, account.at);
      const pauseMs = next === undefined ? LOOK_AGAIN_MS : toMs(next) - toMs(account.at);
      await watch.next(signal, Math.min(pauseMs, LOOK_AGAIN_MS));
    }
  } finally {
    watch.close();
  }
}

/** Without what changes by being looked at, or by events of other wallets. */
function unmarked(wallet: rpc.Wallet): rpc.Wallet {
  return { ...wallet, asOf: null, revision: 0 };
}
