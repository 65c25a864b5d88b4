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
  /** Everything that reached the partition before this moment has a durable outcome. Milliseconds since the epoch. */
  readonly consumedThroughMs: number;
  /** Messages that wait in the partition behind the last one with a durable outcome. */
  readonly lag: number;
}

/** A message nobody can process, kept with all its bytes and the reason. */
export interface DeadLetter {
  readonly message: UsageMessage;
  /** Machine-readable, kebab-case: `malformed`, `unknown-customer`, … */
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
