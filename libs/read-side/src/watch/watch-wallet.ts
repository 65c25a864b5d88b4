import { isDeepStrictEqual } from 'node:util';
import type { rpc } from '#contracts';
import { toMs } from '#domain';
import type { LiveCatalog } from '#journal';
import type { Accounts } from '../account/accounts.js';
import { mustKnowCreditSystem } from '../account/known-credit-system.js';
import type { AccountWatch } from '../feed/account-watch.js';
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
 * begins). A reader that is slow gets the latest, never a queue of what is past. A revision below the one last read is
 * past as well: a read store that is being rebuilt comes to what was told already.
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
    let read = -1;
    while (!signal.aborted) {
      const account = await accounts.now(customerId, { signal });
      if (account.revision >= read) {
        read = account.revision;
        const wallet = wallets.message(account, creditSystem);
        if (told === undefined || !isDeepStrictEqual(unmarked(told), unmarked(wallet))) {
          told = wallet;
          yield wallet;
        }
      }
      const next = nextChangeByTime(account.state, creditSystem, account.at);
      const pauseMs = next === undefined ? LOOK_AGAIN_MS : toMs(next) - toMs(account.at);
      await nextAfter(read, watch, signal, Math.min(pauseMs, LOOK_AGAIN_MS));
    }
  } finally {
    watch.close();
  }
}

/** Resolves when the account has come beyond a revision, or after `timeoutMs`. */
async function nextAfter(
  revision: number,
  watch: AccountWatch,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (let told: number | undefined = revision; told !== undefined && told <= revision;) {
    told = await watch.next(signal, until - performance.now());
  }
}

/** Without what changes by being looked at, or by events of other wallets. */
function unmarked(wallet: rpc.Wallet): rpc.Wallet {
  return { ...wallet, asOf: null, revision: 0 };
}
