import type { EventStore } from '#event-store';
import { LiveCatalog } from '#journal';
import type { Clock, Logger, Metrics } from '#platform';
import type { ReadStore } from '#read-store';
import { AccountLoader } from './account/account-loader.js';
import { Ledger, type QueueLimits } from './account/ledger.js';
import { RememberedIds } from './account/remembered-ids.js';
import { CatalogHandler } from './catalog/catalog-handler.js';
import { Scheduler } from './scheduler/scheduler.js';
import type { UsageHorizon } from './usage/usage-horizon.js';

export interface WriteSideOptions {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  readonly horizon: UsageHorizon;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Accounts whose folded state stays in memory. */
  readonly accountCacheSize: number;
  /** Ids of recent events that stay in memory with those accounts, as long as the index keeps up. Default a million. */
  readonly idsInMemory?: number;
  /** Default: 100 000 commands for one account, 500 000 for all. */
  readonly queueLimits?: QueueLimits;
}

/** The parts of the write side, wired: what a process, a test or the simulator drives. */
export interface WriteSide {
  readonly ledger: Ledger;
  readonly catalog: LiveCatalog;
  readonly catalogHandler: CatalogHandler;
  readonly scheduler: Scheduler;
  readonly horizon: UsageHorizon;
}

/** About 200 bytes each. */
const IDS_IN_MEMORY = 1_000_000;

/** Wires the write side without any framework. */
export function createWriteSide(options: WriteSideOptions): WriteSide {
  const { eventStore, readStore, horizon, clock, logger, metrics, accountCacheSize } = options;
  const { idsInMemory = IDS_IN_MEMORY } = options;
  const catalog = new LiveCatalog(eventStore);
  const ledger = new Ledger(
    {
      eventStore,
      readStore,
      loader: new AccountLoader(eventStore, readStore, accountCacheSize),
      ids: new RememberedIds(eventStore, readStore, Math.floor(idsInMemory / accountCacheSize)),
      catalog,
      horizon,
      clock,
      metrics,
    },
    options.queueLimits,
  );
  return {
    ledger,
    catalog,
    catalogHandler: new CatalogHandler(catalog, clock),
    scheduler: new Scheduler({ ledger, readStore, catalog, horizon, clock, logger, metrics }),
    horizon,
  };
}
