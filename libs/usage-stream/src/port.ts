/** A message as it came from the broker; nothing in it has been looked at. */
export interface UsageMessage {
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
  /** The broker's timestamp of the message, in milliseconds since the epoch. */
  readonly timestampMs: number;
}

/** Consecutive messages of one partition. */
export interface UsageBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly UsageMessage[];
  /** True once the partition belongs to somebody else or the consumer is stopping: begin nothing new. */
  isStale(): boolean;
}

/** The `@EventPattern` under which a transport hands batches to the one method that is their handler. */
export const USAGE_BATCHES = 'usage-events';

/**
 * Called with one batch at a time per partition, different partitions side by side.
 * Resolves when the outcome of every message up to and including the returned offset is durable
 * (appended, dead-lettered or known as a duplicate); only then are those offsets committed. Undefined: none.
 * A rejection commits nothing, and the batch is delivered again after a pause.
 */
export type UsageBatchHandler = (batch: UsageBatch) => Promise<bigint | undefined>;

/** How far one partition has been consumed; the least of all partitions bounds what may expire. */
export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  /**
   * Everything that reached the partition before this moment has a durable outcome. Milliseconds since the epoch;
   * 0 when nothing is known yet. Once true it stays true: who stores it keeps the greatest value ever reported.
   */
  readonly consumedThroughMs: number;
  /** Messages that wait in the partition behind the last one with a durable outcome. */
  readonly lag: number;
}

/** A message nobody can process, kept with all its bytes and the reason. */
export interface DeadLetter {
  readonly message: UsageMessage;
  /** Machine-readable, kebab-case: `malformed-json`, `customer-unknown`, … */
  readonly reason: string;
  /** For people: names the field and the value. */
  readonly detail: string;
  /** topic/partition/offset */
  readonly origin: string;
}

/** Where dead letters go. Resolves when they are durable. */
export interface DeadLetterSink {
  send(letters: readonly DeadLetter[]): Promise<void>;
}

/** What keeps one partition from going on. */
export interface StuckPartition {
  readonly partition: number;
  /** Of the first message of the refused batch. */
  readonly offset: bigint;
  /** Times the handler refused it in a row. */
  readonly attempts: number;
  readonly error: string;
}

/** For health, readiness and logs. */
export interface UsageConsumerStatus {
  /**
   * `consuming`: a member of the group, also when no partition fell to it · `rebalancing`: the group is being
   * divided anew · `disconnected`: the broker is away, or the group not joined yet; it keeps trying.
   */
  readonly state: 'disconnected' | 'rebalancing' | 'consuming' | 'stopped';
  /** What went wrong last, while it is wrong. */
  readonly problem?: string;
  /** Partitions that are this consumer's business at the moment, ascending. */
  readonly assigned: readonly number[];
  readonly stuck: readonly StuckPartition[];
}

/** Feeds one handler with the batches of one topic. */
export interface UsageConsumer {
  /**
   * Begins to consume and resolves at once; a broker that is away is waited for, however long.
   * Throws when it was started before.
   */
  start(handler: UsageBatchHandler): Promise<void>;
  /** Takes nothing new, lets running batches end (they see isStale()), commits what is durable, disconnects. */
  stop(): Promise<void>;
  status(): UsageConsumerStatus;
  /** Called after every change of status(); answers how to stop listening. */
  onStatus(listener: (status: UsageConsumerStatus) => void): () => void;
  /** Of every assigned partition, as last known. */
  progress(): readonly PartitionProgress[];
}

/** Something to tell the world, for example a ledger event. */
export interface OutgoingEvent {
  readonly topic: string;
  /** Events of one key stay in order. */
  readonly key: string;
  readonly value: Buffer | string;
  readonly headers?: Readonly<Record<string, Buffer | string>>;
}

/** Publishes at least once. */
export interface EventPublisher {
  /**
   * Resolves when all are durable on every in-sync replica. A rejection leaves it open which ones are: publish the
   * same again, before anything later. Calls are carried out one after another, in the order they were made.
   */
  publish(events: readonly OutgoingEvent[]): Promise<void>;
  close(): Promise<void>;
}
