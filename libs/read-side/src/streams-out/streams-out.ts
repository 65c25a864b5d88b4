import { randomUUID } from 'node:crypto';
import type { EventStore, Position, SubscriptionBatch } from '#event-store';
import { ACCOUNT_STREAM_PREFIX } from '#journal';
import type { ReadStore } from '#read-store';
import type { EventPublisher, OutgoingEvent } from '#usage-stream';
import { Backlog } from '../following/backlog.js';
import { followLeased, pause, type Stretch } from '../following/follow-leased.js';
import { SILENT, type FollowerReports } from '../following/reports.js';
import { restAfter } from '../following/rest.js';
import { outgoingOf, type OutgoingTopics } from './outgoing.js';

/** How long it rests at most: a request to the broker and a checkpoint cost the same for one event as for a thousand. */
const BUSY_REST_MS = 100;

/** The checkpoint under which the read store keeps how far the streams out have been published. */
export const STREAMS_OUT = 'streams-out';

/** What a batch brought the streams to. */
export interface StreamsOutProgress {
  /** Ledger events of this batch. */
  readonly events: number;
  /** Alerts of this batch. */
  readonly alerts: number;
  readonly checkpoint: Position;
  /** When the oldest event that still waits was stored, in milliseconds since the epoch; undefined: none does. */
  readonly behindSinceMs: number | undefined;
}

export interface StreamsOutOptions {
  readonly eventStore: EventStore;
  /** Keeps the checkpoint and the lease, and nothing else of the streams. */
  readonly readStore: ReadStore;
  readonly publisher: EventPublisher;
  readonly topics: OutgoingTopics;
  /** Who holds the lease; unique per process. */
  readonly holder?: string;
  readonly reports?: Partial<FollowerReports<StreamsOutProgress>>;
  /** Events published at a time at most, and so repeated at most after a crash. Default 2000. */
  readonly maxBatch?: number;
  /** Rest of one that is caught up, after hardly anything (`restAfter`): what comes meanwhile is one request. Default 10 ms. */
  readonly restMs?: number;
  /** How long a publisher that died keeps the others waiting. Default 10 s. */
  readonly leaseTtlMs?: number;
  /** How often at most a checkpoint is stored that only skips what concerns no account. Default 5 s. */
  readonly idleCheckpointMs?: number;
  /** Pause before the nth try (from 1) after a store or the broker was away. Default: doubling, 50 ms to 2 s. */
  readonly backoffMs?: (attempt: number) => number;
  /** Between two reports of being behind. Default 1 s. */
  readonly behindEveryMs?: number;
}

/** The broker did not take a batch: the very same is published again before anything later. */
class NotPublished extends Error {
  override readonly name = 'NotPublished';
}

/**
 * Follows the event store and tells the world: every account event, and an alert where one is worth it. Publishes
 * a batch, and stores its checkpoint only when all of it is durable. So a crash repeats and never skips: an event
 * may come again, with the same id, and the first coming of a customer's events is in the order of the stream,
 * whoever else publishes at the same time. Free of Nest, so that it runs in a worker thread.
 */
export class StreamsOut {
  readonly #holder: string;
  readonly #reports: FollowerReports<StreamsOutProgress>;
  readonly #backlog = new Backlog();

  constructor(private readonly options: StreamsOutOptions) {
    this.#holder = options.holder ?? randomUUID();
    this.#reports = { ...SILENT, ...options.reports };
  }

  /**
   * Publishes until the signal aborts; the batch in hand is finished first. What is away is waited for.
   * @throws Error a defect (an event that cannot be read, or is not what its hash says): nothing is published
   *   beyond it
   */
  run(signal: AbortSignal): Promise<void> {
    const { readStore, leaseTtlMs, backoffMs, behindEveryMs } = this.options;
    return followLeased(signal, {
      readStore,
      lease: { name: `publisher/${STREAMS_OUT}`, holder: this.#holder },
      leaseTtlMs,
      backoffMs,
      behindEveryMs,
      backlog: this.#backlog,
      follow: (stretch) => this.#follow(stretch),
      reports: this.#reports,
      isAway: (error) => error instanceof NotPublished,
    });
  }

  /**
   * The next batch is read and prepared while the one before is being published; its own turn comes when the
   * checkpoint of that is stored. A batch that fails ends the subscription at once, or nobody would notice before
   * the next event.
   */
  async #follow({ signal, stop, went }: Stretch): Promise<void> {
    const { eventStore, readStore, topics } = this.options;
    const { maxBatch = 2_000, idleCheckpointMs = 5_000, restMs = 10 } = this.options;
    let stored = await readStore.checkpoint(STREAMS_OUT);
    let storedAt = 0;
    let publishing: Promise<void> = Promise.resolve();
    const batches = eventStore.subscribe({
      ...(stored !== undefined && { after: stored }),
      streamPrefixes: [ACCOUNT_STREAM_PREFIX],
      signal,
      maxBatch,
    });
    try {
      for await (const batch of batches) {
        this.#backlog.take(batch);
        const outgoing = batch.events.flatMap((recorded) => outgoingOf(recorded, topics));
        await publishing;
        const skips = batch.checkpoint !== stored && Date.now() - storedAt >= idleCheckpointMs;
        if (outgoing.length > 0 || skips) {
          publishing = this.#publish(batch, outgoing, stored).then(() => {
            this.#done(batch, outgoing.length - batch.events.length, went);
          });
          publishing.catch(stop);
          stored = batch.checkpoint;
          storedAt = Date.now();
        } else {
          this.#done(batch, 0, went);
        }
        const rest = { leastMs: restMs, mostMs: BUSY_REST_MS };
        if (batch.caughtUp) await pause(restAfter(batch.events.length, rest), signal);
      }
    } finally {
      await publishing;
    }
  }

  /** Resolves when all of a batch is durable, and then the checkpoint that says so. */
  async #publish(
    batch: SubscriptionBatch,
    outgoing: readonly OutgoingEvent[],
    after: Position | undefined,
  ): Promise<void> {
    const { publisher, readStore } = this.options;
    try {
      if (outgoing.length > 0) await publisher.publish(outgoing);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new NotPublished(`${outgoing.length} messages were not published: ${why}`, { cause: error });
    }
    const { checkpoint } = batch;
    await readStore.apply({ projector: STREAMS_OUT, after, checkpoint, changes: [] });
  }

  #done({ events, caughtUp, checkpoint }: SubscriptionBatch, alerts: number, went: () => void): void {
    this.#backlog.done();
    const behindSinceMs = this.#backlog.sinceMs;
    this.#reports.progress({ events: events.length, alerts, checkpoint, behindSinceMs });
    if (events.length > 0 || caughtUp) went();
  }
}
