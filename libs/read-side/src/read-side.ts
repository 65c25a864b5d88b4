import type { EventStore } from '#event-store';
import { LiveCatalog } from '#journal';
import type { Clock } from '#platform';
import type { ReadStore } from '#read-store';
import { Accounts } from './account/accounts.js';
import { ALWAYS_FRESH, type Freshness } from './account/freshness.js';
import { PublishedHorizon } from './account/published-horizon.js';
import { ChangeFeed } from './feed/change-feed.js';
import { Transactions } from './transactions/transactions.js';
import { Wallets } from './wallet/wallets.js';

export interface ReadSideOptions {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  readonly clock: Clock;
  /** The usage topic; undefined: no Kafka, usage is never behind. */
  readonly usageTopic?: string | undefined;
  /** How far the read store is behind. Default: never far. */
  readonly freshness?: Freshness;
  /** How long a read waits for its `min_revision` at most. Default 10 s. */
  readonly maxWaitMs?: number;
  /** Readers that wait or watch, at most. Default 10 000. */
  readonly maxWatches?: number;
}

/** Everything that answers reads, free of Nest. */
export interface ReadSide {
  readonly eventStore: EventStore;
  readonly catalog: LiveCatalog;
  readonly accounts: Accounts;
  readonly wallets: Wallets;
  readonly transactions: Transactions;
  readonly feed: ChangeFeed;
}

export function createReadSide(options: ReadSideOptions): ReadSide {
  const { eventStore, readStore, clock, usageTopic, maxWaitMs = 10_000, maxWatches = 10_000 } = options;
  const { freshness = ALWAYS_FRESH } = options;
  const catalog = new LiveCatalog(eventStore);
  const feed = new ChangeFeed(readStore, maxWatches);
  const horizon = new PublishedHorizon(readStore, usageTopic);
  const accounts = new Accounts({
    readStore,
    eventStore,
    catalog,
    clock,
    horizon,
    feed,
    freshness,
    maxWaitMs,
  });
  return {
    eventStore,
    catalog,
    accounts,
    wallets: new Wallets(accounts, catalog),
    transactions: new Transactions(readStore, eventStore, accounts, catalog),
    feed,
  };
}
