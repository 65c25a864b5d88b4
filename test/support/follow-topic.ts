import { KafkaUsageConsumer } from '#usage-stream/kafka';
import type { UsageMessage } from '#usage-stream';

/** A consumer of its own, as somebody else's process would have one: goes on through restarts of the broker. */
export interface TopicFollower {
  /** Everything there is so far, by partition, in the order of the log; a message fetched twice stands here once. */
  readonly partitions: ReadonlyMap<number, readonly UsageMessage[]>;
  /** How many messages there are so far. */
  readonly count: number;
  stop(): Promise<void>;
}

/** Follows a topic from its beginning until stopped. */
export async function followTopic(
  brokers: readonly string[],
  topic: string,
  group: string,
): Promise<TopicFollower> {
  const partitions = new Map<number, UsageMessage[]>();
  let count = 0;
  const consumer = new KafkaUsageConsumer({
    connection: { brokers, clientId: group },
    topic,
    groupId: group,
    sessionTimeoutMs: 6_000,
    heartbeatIntervalMs: 500,
    maxWaitMs: 100,
  });
  await consumer.start((batch) => {
    const known = partitions.get(batch.partition) ?? [];
    partitions.set(batch.partition, known);
    const next = known.at(-1)?.offset ?? -1n;
    const fresh = batch.messages.filter(({ offset }) => offset > next);
    known.push(...fresh);
    count += fresh.length;
    return Promise.resolve(batch.messages.at(-1)?.offset);
  });
  return {
    partitions,
    get count() {
      return count;
    },
    stop: () => consumer.stop(),
  };
}
