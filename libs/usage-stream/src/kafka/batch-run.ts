import type { EachBatchPayload, KafkaMessage } from 'kafkajs';

import type { UsageBatchHandler, UsageMessage } from '../port.js';

/** What a running batch can see of the consumer's membership in its group. */
export interface Membership {
  /** Counts the times the group was joined: another number, another division of the partitions. */
  readonly generation: number;
  /** Counts everything that may have taken partitions away, also what is only suspected yet. */
  readonly epoch: number;
  /** The broker said in answer to a heartbeat that this division of the partitions is over. */
  lost(): void;
}

export interface BatchRun {
  readonly handler: UsageBatchHandler;
  readonly membership: Membership;
  readonly heartbeatIntervalMs: number;
  isStopping(): boolean;
  /** Everything below `next` has a durable outcome; `appendedAtMs` when the broker itself set the time. */
  onDurable(partition: number, next: bigint, appendedAtMs: number | undefined): void;
}

export type BatchOutcome =
  /** Go on: fetch what follows the last durable message. */
  | { readonly kind: 'done' }
  /** Nothing became durable; deliver again, after a pause. */
  | { readonly kind: 'refused'; readonly error: unknown }
  /** The partition is (or may be) somebody else's now: nothing was resolved or committed. */
  | { readonly kind: 'lost' };

/** Errors of the group protocol that say: this division of the partitions is over. */
const GROUP_ERRORS = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
  'NOT_COORDINATOR_FOR_GROUP',
]);

const isGroupError = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && typeof error.type === 'string' && GROUP_ERRORS.has(error.type);

/**
 * Hands one batch to the handler, keeps the membership alive meanwhile, and commits what became durable.
 * Throws only errors of kafkajs (a lost membership, a commit that failed), which make kafkajs join or fetch again;
 * offsets not committed are then delivered again.
 */
export async function runBatch(payload: EachBatchPayload, run: BatchRun): Promise<BatchOutcome> {
  const { batch } = payload;
  const { generation, epoch } = run.membership;
  const heartbeats = keepAlive(payload, run);
  let durable: bigint | undefined;
  try {
    durable = await run.handler({
      topic: batch.topic,
      partition: batch.partition,
      messages: batch.messages.map(toUsageMessage),
      isStale: () =>
        run.isStopping() || epoch !== run.membership.epoch || !payload.isRunning() || payload.isStale(),
    });
    if (durable !== undefined) assertWithin(durable, batch.messages);
  } catch (error) {
    if (heartbeats.groupError() !== undefined) throw heartbeats.groupError();
    // Giving up because the batch went stale is no refusal.
    if (epoch !== run.membership.epoch || run.isStopping()) return { kind: 'lost' };
    return { kind: 'refused', error };
  } finally {
    heartbeats.stop();
  }
  // A stale batch may end long after the partition went to somebody else; kafkajs would commit its offsets with the
  // new membership, and the broker would let it move the group back.
  if (generation !== run.membership.generation) return { kind: 'lost' };
  if (durable !== undefined) await commit(payload, run, durable);
  if (heartbeats.groupError() !== undefined) throw heartbeats.groupError();
  if (durable === undefined && epoch === run.membership.epoch && !run.isStopping()) {
    return { kind: 'refused', error: new Error('the handler made nothing durable') };
  }
  return { kind: 'done' };
}

async function commit(payload: EachBatchPayload, run: BatchRun, durable: bigint): Promise<void> {
  const { batch } = payload;
  const { topic, partition, messages } = batch;
  const last = messages.at(-1);
  // Transaction markers behind the last message are nobody's business; without this they would look like lag.
  const next = (last?.offset === durable.toString() ? BigInt(batch.lastOffset()) : durable) + 1n;
  run.onDurable(partition, next, appendTime(messages, durable));
  await payload.commitOffsetsIfNecessary({
    topics: [{ topic, partitions: [{ partition, offset: next.toString() }] }],
  });
  // Resolved only now: should the commit fail, the messages come again and are recognised, rather than staying
  // uncommitted until the partition's next message.
  payload.resolveOffset(durable.toString());
}

/** Sends heartbeats for as long as the handler works; kafkajs itself sends none meanwhile. */
function keepAlive(payload: EachBatchPayload, run: BatchRun) {
  let groupError: unknown;
  const beat = (): void => {
    payload.heartbeat().catch((error: unknown) => {
      if (groupError !== undefined || !isGroupError(error)) return;
      groupError = error;
      run.membership.lost();
    });
  };
  const timer = setInterval(beat, Math.max(50, run.heartbeatIntervalMs / 2));
  return { stop: () => clearInterval(timer), groupError: () => groupError };
}

function toUsageMessage(message: KafkaMessage): UsageMessage {
  return {
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    headers: message.headers ?? {},
    timestampMs: Number(message.timestamp),
  };
}

function assertWithin(durable: bigint, messages: readonly KafkaMessage[]): void {
  const [first, last] = [messages.at(0)?.offset ?? '0', messages.at(-1)?.offset ?? '0'];
  if (durable < BigInt(first) || durable > BigInt(last)) {
    throw new RangeError(
      `the handler called offset ${durable.toString()} durable; the batch has ${first} to ${last}`,
    );
  }
}

/** When the broker appended the message, if its time stamp says that and not what the producer claimed. */
function appendTime(messages: readonly KafkaMessage[], durable: bigint): number | undefined {
  const text = durable.toString();
  const last = messages.at(-1);
  const message = last?.offset === text ? last : messages.find(({ offset }) => offset === text);
  return message !== undefined && isAppendTime(message) ? Number(message.timestamp) : undefined;
}

/** kafkajs keeps the batch header beside each record, but its types do not say so. */
function isAppendTime(message: KafkaMessage): boolean {
  const { batchContext } = message as KafkaMessage & { batchContext?: { timestampType?: number } };
  return batchContext?.timestampType === 1;
}
