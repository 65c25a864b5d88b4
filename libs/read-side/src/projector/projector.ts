import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { EventStoreUnavailable, type EventStore, type Position, type SubscriptionBatch } from '#event-store';
import { ACCOUNT_STREAM_PREFIX } from '#journal';
import { CheckpointMoved, ReadStoreUnavailable, type ReadStore } from '#read-store';
import { foldBatch } from './fold-batch.js';
import { HeldLease } from './lease.js';
import { SILENT, type ProjectorReports } from './reports.js';
import { RowCache } from './row-cache.js';

/** The checkpoint under which the read store's accounts are kept up to date. */
export const ACCOUNTS_PROJECTOR = 'accounts';

export interface ProjectorOptions {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  /** Name of its checkpoint and its lease. Default `accounts`. */
  readonly name?: string;
  /** Who holds the lease; unique per process. */
  readonly holder?: string;
  readonly reports?: Partial<ProjectorReports>;
  /** Account rows kept in memory. Default 20 000. */
  readonly cacheSize?: number;
  /** Events per write at most: the more of them, the less an account is written again. Default 10 000. */
  readonly maxBatch?: number;
  /** Rest of one that is caught up before it looks again: what comes meanwhile is one write. Default 5 ms. */
  readonly restMs?: number;
  /** How long a projector that died keeps the others waiting. Default 10 s. */
  readonly leaseTtlMs?: number;
  /** How often at most a checkpoint is stored that only skips what concerns no account. Default 5 s. */
  readonly idleCheckpointMs?: number;
  /** Pause before the nth try (from 1) after a store was away. Default: doubling from 50 ms to 2 s. */
  readonly backoffMs?: (attempt: number) => number;
}

/**
 * Follows the event store and keeps the read store's accounts: folds each batch with the pure projections and
 * writes everything it changes, and how far it has come, in one transaction. A crash repeats nothing and skips
 * nothing; of several projectors one is active. Free of Nest, so that it runs in a worker thread as well.
 */
export class Projector {
  readonly #name: string;
  readonly #holder: string;
  readonly #rows: RowCache;
  readonly #reports: ProjectorReports;

  constructor(private readonly options: ProjectorOptions) {
    this.#name = options.name ?? ACCOUNTS_PROJECTOR;
    this.#holder = options.holder ?? randomUUID();
    this.#rows = new RowCache(options.readStore, options.eventStore, options.cacheSize ?? 20_000);
    this.#reports = { ...SILENT, ...options.reports };
  }

  /**
   * Projects until the signal aborts; the batch in hand is finished first. A store that is away is waited for.
   * @throws Error a defect (an event that cannot be folded, a broken chain): the process must not go on as if well
   */
  async run(signal: AbortSignal): Promise<void> {
    const backoffMs = this.options.backoffMs ?? ((attempt) => Math.min(2_000, 25 * 2 ** attempt));
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#runOnce(signal, () => (failures = 0));
      } catch (error) {
        // What is in memory may not be what is in the store.
        this.#rows.clear();
        if (error instanceof CheckpointMoved) this.#reports.superseded(error);
        else if (isAway(error)) this.#reports.unready(error);
        else throw error;
        failures += 1;
        await pause(backoffMs(failures), signal);
      }
    }
  }

  /** Waits for the lease, then follows the event store until something ends it. */
  async #runOnce(signal: AbortSignal, went: () => void): Promise<void> {
    const { readStore, leaseTtlMs = 10_000 } = this.options;
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const terms = { name: this.#leaseName, holder: this.#holder, ttlMs: leaseTtlMs };
    const lease = await HeldLease.take(readStore, terms, () => stop.abort());
    if (!lease) {
      this.#reports.standby();
      await pause(leaseTtlMs / 3, signal);
      return;
    }
    try {
      this.#reports.active();
      await this.#follow(both, stop, went);
      if (!hasAborted(both)) throw new EventStoreUnavailable('the subscription ended by itself');
    } finally {
      await lease.release();
    }
    // The lease went to somebody else, whose writes are not in this memory.
    this.#rows.clear();
  }

  /**
   * The next batch is read and folded while the one before is being written. A write that fails ends the
   * subscription at once, or nobody would notice before the next event.
   */
  async #follow(signal: AbortSignal, stop: AbortController, went: () => void): Promise<void> {
    const { eventStore, readStore, maxBatch = 10_000, idleCheckpointMs = 5_000, restMs = 5 } = this.options;
    let stored = await readStore.checkpoint(this.#name);
    let writing: Promise<void> = Promise.resolve();
    let storedAt = 0;
    const batches = eventStore.subscribe({
      ...(stored !== undefined && { after: stored }),
      streamPrefixes: [ACCOUNT_STREAM_PREFIX],
      signal,
      maxBatch,
    });
    try {
      for await (const batch of batches) {
        const idle = batch.events.length === 0;
        const skips = batch.checkpoint !== stored && Date.now() - storedAt >= idleCheckpointMs;
        const changes = await foldBatch(batch.events, this.#rows);
        await writing;
        if (!idle || skips) {
          this.#rows.keep(changes);
          const { checkpoint } = batch;
          const write = { projector: this.#name, after: stored, checkpoint, changes };
          stored = checkpoint;
          storedAt = Date.now();
          writing = readStore.apply(write).then(() => {
            this.#report(batch, checkpoint);
            went();
          });
          writing.catch(() => stop.abort());
        } else {
          this.#report(batch, stored ?? 0n);
        }
        if (batch.caughtUp && restMs > 0) await pause(restMs, signal);
      }
    } finally {
      await writing;
    }
  }

  #report({ events, caughtUp }: SubscriptionBatch, checkpoint: Position): void {
    const storedAtMs = events.at(-1)?.storedAtMs;
    const lagMs = caughtUp || storedAtMs === undefined ? 0 : Math.max(0, Date.now() - storedAtMs);
    this.#reports.progress({ events: events.length, checkpoint, lagMs, caughtUp });
  }

  get #leaseName(): string {
    return `projector/${this.#name}`;
  }
}

function isAway(error: unknown): error is Error {
  return error instanceof ReadStoreUnavailable || error instanceof EventStoreUnavailable;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/** A call, because the compiler takes the property for unchanged since it was looked at. */
function hasAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
