import type {
  PartitionProgress,
  StuckPartition,
  UsageBatchHandler,
  UsageConsumer,
  UsageConsumerStatus,
  UsageMessage,
} from '../port.js';
import type { GroupMember, MemoryGroup } from './memory-group.js';

/** What a consumer needs of the stream it reads. */
export interface MemoryLog {
  readonly topic: string;
  now(): number;
  log(partition: number): readonly UsageMessage[];
  whenProduced(wake: () => void): () => void;
}

export interface MemoryConsumerOptions {
  /** Messages per batch at most. Default 500. */
  readonly maxBatch?: number;
  /** `manual`: nothing is delivered but by deliver(), so that a simulator decides what happens when. Default `auto`. */
  readonly delivery?: 'auto' | 'manual';
  /** After a refused batch. Default 5 ms. Automatic delivery only. */
  readonly redeliveryPauseMs?: number;
  /** Called after each batch, and every `progressIntervalMs` with automatic delivery. */
  readonly onProgress?: (progress: readonly PartitionProgress[]) => void;
  /** Default 20 ms. */
  readonly progressIntervalMs?: number;
}

/** What became of one delivery. */
export type Delivery = 'done' | 'refused' | 'lost' | 'nothing-to-deliver';

/** A member of a consumer group of a MemoryUsageStream. */
export class MemoryUsageConsumer implements UsageConsumer, GroupMember {
  readonly #listeners = new Set<(status: UsageConsumerStatus) => void>();
  readonly #stuck = new Map<number, StuckPartition>();
  readonly #running = new Map<number, Promise<unknown>>();
  #handler: UsageBatchHandler | undefined;
  #state: UsageConsumerStatus['state'] = 'disconnected';
  #assigned: readonly number[] = [];
  #epoch = 0;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: MemoryLog,
    private readonly group: MemoryGroup,
    private readonly options: MemoryConsumerOptions,
  ) {}

  start(handler: UsageBatchHandler): Promise<void> {
    if (this.#handler !== undefined)
      throw new Error(`the consumer of ${this.stream.topic} was started before`);
    this.#handler = handler;
    this.#state = 'consuming';
    this.group.join(this);
    if (this.options.delivery !== 'manual') {
      this.#timer = setInterval(() => this.#report(), this.options.progressIntervalMs ?? 20);
    }
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values());
    this.#leave();
  }

  /** As a killed process: nothing that runs is waited for or committed, the others get the partitions. */
  kill(): void {
    this.#epoch++;
    this.#stopping = true;
    clearInterval(this.#timer);
    this.#leave();
  }

  status(): UsageConsumerStatus {
    return { state: this.#state, assigned: this.#assigned, stuck: [...this.#stuck.values()] };
  }

  onStatus(listener: (status: UsageConsumerStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  progress(): readonly PartitionProgress[] {
    return this.#assigned.map((partition) => {
      const log = this.stream.log(partition);
      const next = Number(this.group.committed.get(partition) ?? 0n);
      const lag = log.length - next;
      const consumedThroughMs = lag === 0 ? this.stream.now() : (log[next - 1]?.timestampMs ?? 0);
      return { topic: this.stream.topic, partition, consumedThroughMs, lag };
    });
  }

  assigned(partitions: readonly number[]): void {
    const epoch = ++this.#epoch;
    this.#assigned = partitions;
    for (const partition of this.#stuck.keys()) {
      if (!partitions.includes(partition)) this.#stuck.delete(partition);
    }
    this.#changed();
    if (this.options.delivery === 'manual') return;
    for (const partition of partitions) void this.#pump(partition, epoch);
  }

  /**
   * Delivers the next batch of one partition, after the one that still runs there.
   * @param maxMessages at most `maxBatch`
   */
  async deliver(partition: number, maxMessages?: number): Promise<Delivery> {
    const epoch = this.#epoch;
    await this.#running.get(partition);
    const mine = epoch === this.#epoch && !this.#stopping && this.#assigned.includes(partition);
    if (!mine || this.#handler === undefined) return 'lost';
    const from = Number(this.group.committed.get(partition) ?? 0n);
    const count = maxMessages ?? this.options.maxBatch ?? 500;
    const messages = this.stream.log(partition).slice(from, from + count);
    const [first] = messages;
    if (first === undefined) return 'nothing-to-deliver';

    const isStale = (): boolean => this.#stopping || epoch !== this.#epoch;
    // Called in the next turn, so that a handler that throws at once rejects like any other.
    const running = Promise.resolve({ topic: this.stream.topic, partition, messages, isStale }).then(
      this.#handler,
    );
    const settled = running.catch(() => undefined);
    this.#running.set(partition, settled);
    try {
      const durable = await running;
      return this.#conclude(partition, epoch, first.offset, durable, isStale());
    } catch (error) {
      return this.#refuse(partition, epoch, first.offset, String(error), isStale());
    } finally {
      if (this.#running.get(partition) === settled) this.#running.delete(partition);
    }
  }

  #conclude(
    partition: number,
    epoch: number,
    first: bigint,
    durable: bigint | undefined,
    stale: boolean,
  ): Delivery {
    if (epoch !== this.#epoch) return 'lost';
    const last = this.stream.log(partition).at(-1)?.offset ?? -1n;
    if (durable === undefined || durable < first || durable > last) {
      const what = durable === undefined ? 'nothing' : `offset ${durable.toString()}`;
      return this.#refuse(partition, epoch, first, `the handler made ${what} durable`, stale);
    }
    this.group.committed.set(partition, durable + 1n);
    if (this.#stuck.delete(partition)) this.#changed();
    this.#report();
    return 'done';
  }

  #refuse(partition: number, epoch: number, offset: bigint, error: string, stale: boolean): Delivery {
    if (stale || epoch !== this.#epoch) return 'lost';
    const attempts = (this.#stuck.get(partition)?.attempts ?? 0) + 1;
    this.#stuck.set(partition, { partition, offset, attempts, error });
    this.#changed();
    return 'refused';
  }

  async #pump(partition: number, epoch: number): Promise<void> {
    while (epoch === this.#epoch && !this.#stopping) {
      const delivery = await this.deliver(partition);
      if (delivery === 'lost') return;
      if (delivery === 'refused') await pause(this.options.redeliveryPauseMs ?? 5);
      if (delivery === 'nothing-to-deliver') await this.#produced();
    }
  }

  /** Resolves at the next message, or after a moment: a consumer that stops must not be waited for. */
  #produced(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        forget();
        resolve();
      };
      const timer = setTimeout(done, 20);
      const forget = this.stream.whenProduced(done);
    });
  }

  #report(): void {
    this.options.onProgress?.(this.progress());
  }

  #leave(): void {
    this.group.leave(this);
    this.#assigned = [];
    this.#epoch++;
    this.#state = 'stopped';
    this.#changed();
  }

  #changed(): void {
    const status = this.status();
    for (const listener of this.#listeners) listener(status);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
