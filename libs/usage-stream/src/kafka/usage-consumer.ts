import { setTimeout as sleep } from 'node:timers/promises';

import type { EachBatchPayload, Kafka } from 'kafkajs';

import type { PartitionProgress, UsageBatchHandler, UsageConsumer, UsageConsumerStatus } from '../port.js';
import { runBatch, type BatchRun, type Membership } from './batch-run.js';
import { connect, type KafkaConnection } from './connection.js';
import { openSession, type SessionSettings } from './consumer-session.js';
import { silentLogger, type StreamLogger } from './logging.js';
import { ProgressTracker } from './progress.js';
import { Redelivery, type RedeliveryPause } from './redelivery.js';
import { pollWatermarks } from './watermarks.js';

export interface UsageConsumerOptions {
  readonly connection: KafkaConnection;
  readonly topic: string;
  readonly groupId: string;
  /** Partitions handled side by side. Default 8. */
  readonly partitionsConsumedConcurrently?: number;
  /** Bytes fetched per partition at a time; a larger message still comes, alone. Default 2 MiB. */
  readonly maxBytesPerPartition?: number;
  /**
   * Bytes fetched at a time from one broker: what waits in memory, where a usage event takes some four times as much.
   * The more of them, the more usage of an account is found together and shares an append. Default 16 MiB.
   */
  readonly maxBytes?: number;
  /** How long a fetch waits for a first message, and so the longest a stop waits for it. Default 500 ms. */
  readonly maxWaitMs?: number;
  /** After so long without a heartbeat others take over the partitions. Default 10 s. */
  readonly sessionTimeoutMs?: number;
  /** How long a rebalance waits for batches that are running. Default 60 s. */
  readonly rebalanceTimeoutMs?: number;
  /** Default 3 s. */
  readonly heartbeatIntervalMs?: number;
  /** After the handler refused a batch. Default 200 ms, up to 30 s. */
  readonly redeliveryPause?: RedeliveryPause;
  /** Between two looks at the high watermarks. Default 1 s. */
  readonly progressIntervalMs?: number;
  /** Called after each look at the high watermarks. */
  readonly onProgress?: (progress: readonly PartitionProgress[]) => void;
}

const MIB = 1024 * 1024;

/** Between two attempts to reach a broker that is away, doubling up to the second. */
const RECONNECT_MS = { first: 250, max: 5000 };

/** How long stop() waits for running batches. */
const STOP_TIMEOUT_MS = 30_000;

/** How long a broken session may take to close before the next one is opened beside it. */
const BROKEN_SESSION_CLOSE_MS = 5000;

/** Consumes a topic of Kafka; what it promises is said at the port. */
export class KafkaUsageConsumer implements UsageConsumer {
  readonly #kafka: Kafka;
  readonly #settings: SessionSettings;
  readonly #logger: StreamLogger;
  readonly #tracker: ProgressTracker;
  readonly #redelivery: Redelivery;
  readonly #membership: Membership & { generation: number; epoch: number };
  readonly #listeners = new Set<(status: UsageConsumerStatus) => void>();
  /** The batch running per partition: a stale one may outlive its session and must end before the next begins. */
  readonly #running = new Map<number, Promise<unknown>>();
  readonly #stopAsked = new AbortController();
  #state: UsageConsumerStatus['state'] = 'disconnected';
  #problem: string | undefined;
  #supervision: Promise<void> | undefined;

  constructor(private readonly options: UsageConsumerOptions) {
    this.#kafka = connect(options.connection);
    this.#logger = options.connection.logger ?? silentLogger;
    const { sessionTimeoutMs = 10_000, rebalanceTimeoutMs = 60_000 } = options;
    this.#settings = {
      kafka: this.#kafka,
      topic: options.topic,
      groupId: options.groupId,
      partitionsConsumedConcurrently: options.partitionsConsumedConcurrently ?? 8,
      maxBytesPerPartition: options.maxBytesPerPartition ?? 2 * MIB,
      maxBytes: options.maxBytes ?? 16 * MIB,
      maxWaitMs: options.maxWaitMs ?? 500,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      heartbeatIntervalMs: options.heartbeatIntervalMs ?? 3000,
      // Joining may rightly be silent while the others finish what they do.
      stallMs: rebalanceTimeoutMs + 2 * sessionTimeoutMs,
    };
    this.#tracker = new ProgressTracker(options.topic);
    this.#redelivery = new Redelivery(options.redeliveryPause ?? { firstMs: 200, maxMs: 30_000 });
    this.#membership = { generation: 0, epoch: 0, lost: () => this.#rebalancing() };
  }

  start(handler: UsageBatchHandler): Promise<void> {
    if (this.#supervision !== undefined)
      throw new Error(`the consumer of ${this.options.topic} was started before`);
    this.#supervision = this.#supervise(handler);
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopAsked.abort();
    await this.#supervision;
    this.#become('stopped');
  }

  status(): UsageConsumerStatus {
    const problem = this.#problem === undefined ? {} : { problem: this.#problem };
    return {
      state: this.#state,
      ...problem,
      assigned: this.#tracker.assigned(),
      stuck: this.#redelivery.stuck(),
    };
  }

  onStatus(listener: (status: UsageConsumerStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  progress(): readonly PartitionProgress[] {
    return this.#tracker.progress();
  }

  #stopping(): boolean {
    return this.#stopAsked.signal.aborted;
  }

  /** One session after the other until stop() is called. */
  async #supervise(handler: UsageBatchHandler): Promise<void> {
    const stopPolling = this.#pollProgress();
    const stopped = new Promise<'stop'>((resolve) => {
      if (this.#stopping()) resolve('stop');
      this.#stopAsked.signal.addEventListener('abort', () => resolve('stop'), { once: true });
    });
    let pauseMs = RECONNECT_MS.first;
    while (!this.#stopping()) {
      const session = openSession(this.#settings, {
        eachBatch: (payload) => this.#eachBatch(payload, handler),
        joined: (partitions) => {
          pauseMs = RECONNECT_MS.first;
          this.#joined(partitions);
        },
        rebalancing: () => this.#rebalancing(),
        skipped: (partition, lastOffset) => this.#tracker.advance(partition, lastOffset + 1n),
      });
      const reason = await Promise.race([session.ended, stopped]);
      if (this.#stopping()) {
        await session.close(STOP_TIMEOUT_MS);
        break;
      }
      this.#disconnected(reason);
      await session.close(BROKEN_SESSION_CLOSE_MS);
      await sleep(pauseMs, undefined, { signal: this.#stopAsked.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, RECONNECT_MS.max);
    }
    this.#redelivery.stop();
    await stopPolling();
    this.#tracker.assign([]);
  }

  /** Runs one batch; a refused one pauses its partition and comes again. */
  async #eachBatch(payload: EachBatchPayload, handler: UsageBatchHandler): Promise<void> {
    const { partition } = payload.batch;
    const earlier = this.#running.get(partition);
    const run: BatchRun = {
      handler: async (batch) => {
        await earlier;
        return batch.isStale() ? undefined : handler(batch);
      },
      membership: this.#membership,
      heartbeatIntervalMs: this.#settings.heartbeatIntervalMs,
      isStopping: () => this.#stopping(),
      onDurable: (of, next, appendedAtMs) => this.#tracker.advance(of, next, appendedAtMs),
    };
    const running = runBatch(payload, run);
    const settled = running.catch(() => undefined);
    this.#running.set(partition, settled);
    const outcome = await running.finally(() => {
      if (this.#running.get(partition) === settled) this.#running.delete(partition);
    });
    if (outcome.kind === 'done' && this.#redelivery.accepted(partition)) this.#changed();
    if (outcome.kind !== 'refused') return;
    const offset = BigInt(payload.batch.messages.at(0)?.offset ?? '0');
    const pauseMs = this.#redelivery.refused(partition, offset, outcome.error, () => payload.pause());
    this.#logger.error(
      `${this.options.topic}/${partition}/${offset.toString()} refused, again in ${pauseMs} ms`,
      { err: outcome.error },
    );
    this.#changed();
  }

  #joined(partitions: readonly number[]): void {
    this.#membership.generation++;
    this.#membership.epoch++;
    this.#tracker.assign(partitions);
    this.#redelivery.keepOnly(partitions);
    this.#problem = undefined;
    this.#become('consuming');
    this.#logger.info(`joined ${this.options.groupId}`, { topic: this.options.topic, partitions });
  }

  #rebalancing(): void {
    this.#membership.epoch++;
    this.#become('rebalancing');
  }

  #disconnected(reason: string): void {
    this.#membership.generation++;
    this.#membership.epoch++;
    this.#tracker.assign([]);
    this.#problem = reason;
    this.#become('disconnected');
    this.#logger.warn(`lost the connection to ${this.options.topic}, trying again`, { reason });
  }

  #become(state: UsageConsumerStatus['state']): void {
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    const status = this.status();
    for (const listener of this.#listeners) listener(status);
  }

  #pollProgress(): () => Promise<void> {
    const { topic, groupId, progressIntervalMs = 1000, onProgress } = this.options;
    return pollWatermarks({
      kafka: this.#kafka,
      topic,
      groupId,
      tracker: this.#tracker,
      intervalMs: progressIntervalMs,
      logger: this.#logger,
      onLook: () => onProgress?.(this.#tracker.progress()),
    });
  }
}
