import { randomUUID } from 'node:crypto';
import { BEFORE_ALL, type EventStore, type Position, type SubscriptionBatch } from '#event-store';
import { ACCOUNT_STREAM_PREFIX } from '#journal';
import type { ReadStore } from '#read-store';
import { Backlog } from '../following/backlog.js';
import { followLeased, pause, type Stretch } from '../following/follow-leased.js';
import { SILENT, type FollowerReports } from '../following/reports.js';
import { restAfter } from '../following/rest.js';
import { foldBatch } from './fold-batch.js';
import { OutdatedRows } from './outdated-rows.js';
import { ROWS_IN_MEMORY, RowCache } from './row-cache.js';
import { waitingSince } from './waiting-since.js';

/** The checkpoint under which the read store's accounts are kept up to date. */
export const ACCOUNTS_PROJECTOR = 'accounts';

/** What a batch brought the read store to. */
export interface ProjectorProgress {
  /** Events of this batch. */
  readonly events: number;
  readonly checkpoint: Position;
  /** When the oldest event that still waits was stored, in milliseconds since the epoch; undefined: none does. */
  readonly behindSinceMs: number | undefined;
  /** True when the event store had nothing more to deliver. */
  readonly caughtUp: boolean;
}

export interface ProjectorOptions {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  /** Who holds the lease; unique per process. */
  readonly holder?: string;
  readonly reports?: Partial<FollowerReports<ProjectorProgress>>;
  /** Account rows kept in memory, fewer where they have many grants. Default 20 000. */
  readonly cacheSize?: number;
  /** Events per write at most: the more of them, the less an account is written again. Default 10 000. */
  readonly maxBatch?: number;
  /** Rest of one that is caught up before it looks again, after hardly anything came; 0: none ever. Default 5 ms. */
  readonly restMs?: number;
  /** … and after a large batch (`restAfter`). Default 40 ms. */
  readonly busyRestMs?: number;
  /** How long a projector that died keeps the others waiting. Default 10 s. */
  readonly leaseTtlMs?: number;
  /** How often at most a checkpoint is stored that only skips what concerns no account. Default 5 s. */
  readonly idleCheckpointMs?: number;
  /** Pause before the nth try (from 1) after a store was away. Default: doubling from 50 ms to 2 s. */
  readonly backoffMs?: (attempt: number) => number;
  /** Between two reports of being behind. Default 1 s. */
  readonly behindEveryMs?: number;
}

/** How far a projector has come, as it stands in the read store once what is on its way there is written. */
interface Place {
  stored: Position | undefined;
  /** By this process's clock. */
  storedAt: number;
}

/**
 * Follows the event store and keeps the read store's accounts: folds each batch with the pure projections and
 * writes everything it changes, and how far it has come, in one transaction. A crash repeats nothing and skips
 * nothing; of several projectors one is active. Free of Nest, so that it runs in a worker thread as well.
 */
export class Projector {
  readonly #holder: string;
  readonly #rows: RowCache;
  readonly #reports: FollowerReports<ProjectorProgress>;
  readonly #backlog = new Backlog();

  constructor(private readonly options: ProjectorOptions) {
    this.#holder = options.holder ?? randomUUID();
    this.#rows = new RowCache(options.readStore, options.eventStore, options.cacheSize ?? ROWS_IN_MEMORY);
    this.#reports = { ...SILENT, ...options.reports };
  }

  /**
   * Projects until the signal aborts; the batch in hand is finished first. A store that is away is waited for.
   * @throws Error a defect (an event that cannot be folded, a broken chain): the process must not go on as if well
   */
  run(signal: AbortSignal): Promise<void> {
    const { readStore, leaseTtlMs, backoffMs, behindEveryMs } = this.options;
    return followLeased(signal, {
      readStore,
      lease: { name: `projector/${ACCOUNTS_PROJECTOR}`, holder: this.#holder },
      leaseTtlMs,
      backoffMs,
      behindEveryMs,
      backlog: this.#backlog,
      follow: (stretch) => this.#follow(stretch),
      othersBehind: () => waitingSince(this.options, ACCOUNTS_PROJECTOR),
      forget: () => this.#rows.clear(),
      reports: this.#reports,
    });
  }

  /**
   * Projects, and whenever nothing waits looks for rows in the shape of another version and writes a few of them anew,
   * until all have been looked at. It begins to follow again after each few, from where it was.
   */
  async #follow(stretch: Stretch): Promise<void> {
    const { readStore } = this.options;
    const stored = await readStore.checkpoint(ACCOUNTS_PROJECTOR);
    const outdated = stored === undefined ? undefined : new OutdatedRows(readStore, this.#rows);
    const place: Place = { stored, storedAt: 0 };
    while ((await this.#project(stretch, place, outdated)) === 'spare time') {
      const changes = (await outdated?.next()) ?? [];
      const { stored: at } = place;
      if (changes.length === 0 || at === undefined) continue;
      await readStore.apply({ projector: ACCOUNTS_PROJECTOR, after: at, checkpoint: at, changes });
    }
  }

  /**
   * Until the stretch ends, or nothing waits and rows are left to be looked at. The next batch is read and folded while
   * the one before is being written. A write that fails ends the subscription at once, or nobody would notice before
   * the next event.
   */
  async #project(
    { signal, stop, went }: Stretch,
    place: Place,
    outdated: OutdatedRows | undefined,
  ): Promise<'spare time' | 'ended'> {
    const { eventStore, readStore, maxBatch = 10_000, idleCheckpointMs = 5_000 } = this.options;
    const { restMs: leastMs = 5, busyRestMs: mostMs = 40 } = this.options;
    let writing: Promise<void> = Promise.resolve();
    const batches = eventStore.subscribe({
      ...(place.stored !== undefined && { after: place.stored }),
      streamPrefixes: [ACCOUNT_STREAM_PREFIX],
      signal,
      maxBatch,
    });
    try {
      for await (const batch of batches) {
        this.#backlog.take(batch);
        const idle = batch.events.length === 0;
        const skips = batch.checkpoint !== place.stored && Date.now() - place.storedAt >= idleCheckpointMs;
        const changes = await foldBatch(batch.events, this.#rows);
        await writing;
        if (!idle || skips) {
          this.#rows.keep(changes);
          const { checkpoint } = batch;
          const write = { projector: ACCOUNTS_PROJECTOR, after: place.stored, checkpoint, changes };
          place.stored = checkpoint;
          place.storedAt = Date.now();
          writing = readStore.apply(write).then(() => {
            this.#done(batch, checkpoint, went);
          });
          writing.catch(stop);
        } else {
          this.#done(batch, place.stored ?? BEFORE_ALL, went);
        }
        if (batch.caughtUp && outdated && !outdated.wereAll) return 'spare time';
        const rest = batch.caughtUp ? restAfter(batch.events.length, { leastMs, mostMs }) : 0;
        if (rest > 0) await pause(rest, signal);
      }
      return 'ended';
    } finally {
      await writing;
    }
  }

  #done({ events, caughtUp }: SubscriptionBatch, checkpoint: Position, went: () => void): void {
    this.#backlog.done();
    const behindSinceMs = this.#backlog.sinceMs;
    this.#reports.progress({ events: events.length, checkpoint, behindSinceMs, caughtUp });
    if (events.length > 0 || caughtUp) went();
  }
}
