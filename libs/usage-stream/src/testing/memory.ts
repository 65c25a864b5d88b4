import type { DeadLetter, DeadLetterSink, EventPublisher, OutgoingEvent, UsageMessage } from '../port.js';
import { MemoryUsageConsumer, type MemoryConsumerOptions } from './memory-consumer.js';
import { MemoryGroup } from './memory-group.js';

/** A message to put into the stream; the key decides nothing here, the partition is named. */
export interface ProducedMessage {
  readonly partition: number;
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: UsageMessage['headers'];
}

export interface MemoryStreamOptions {
  readonly topic?: string;
  readonly partitions?: number;
  /** Milliseconds since the epoch; the clock of the "broker". */
  readonly now?: () => number;
}

/** A topic, its consumer groups and its dead letters, in memory, with the semantics of the Kafka adapter. */
export class MemoryUsageStream {
  readonly topic: string;
  readonly now: () => number;
  /** Everything that was ever produced, per partition. */
  readonly partitions: readonly UsageMessage[][];
  readonly deadLetters: DeadLetter[] = [];
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #waiting = new Set<() => void>();

  constructor({ topic = 'usage-events', partitions = 3, now = Date.now }: MemoryStreamOptions = {}) {
    this.topic = topic;
    this.now = now;
    this.partitions = Array.from({ length: partitions }, () => []);
  }

  /** @returns the offset */
  produce(message: ProducedMessage): bigint {
    const log = this.log(message.partition);
    const offset = BigInt(log.length);
    const { key = null, value, headers = {} } = message;
    log.push({ offset, key, value, headers, timestampMs: this.now() });
    for (const wake of this.#waiting) wake();
    return offset;
  }

  /** The messages of one partition, by offset. @throws RangeError when there is no such partition */
  log(partition: number): UsageMessage[] {
    const log = this.partitions[partition];
    if (log === undefined) throw new RangeError(`${this.topic} has no partition ${partition}`);
    return log;
  }

  consumer(groupId: string, options: MemoryConsumerOptions = {}): MemoryUsageConsumer {
    return new MemoryUsageConsumer(this, this.group(groupId), options);
  }

  /** The next offset to be consumed per partition, of those that were ever committed. */
  committed(groupId: string): ReadonlyMap<number, bigint> {
    return this.group(groupId).committed;
  }

  deadLetterSink(): DeadLetterSink {
    return {
      send: (letters) => {
        this.deadLetters.push(...letters);
        return Promise.resolve();
      },
    };
  }

  /** Calls `wake` after every message produced, until the answer is called. */
  whenProduced(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => void this.#waiting.delete(wake);
  }

  private group(groupId: string): MemoryGroup {
    const group = this.#groups.get(groupId) ?? new MemoryGroup(this.partitions.length);
    this.#groups.set(groupId, group);
    return group;
  }
}

/** Keeps what is published, in order. */
export class MemoryEventPublisher implements EventPublisher {
  readonly published: OutgoingEvent[] = [];

  publish(events: readonly OutgoingEvent[]): Promise<void> {
    this.published.push(...events);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
