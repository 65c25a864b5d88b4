import { connect, type KafkaConnection } from './connection.js';

/** Partitions are added by hand and rarely. */
const PARTITIONS_KNOWN_FOR_MS = 60_000;
const PARTITIONS_RETRY_MS = 5000;

/**
 * Every partition of a topic as `topic/partition`, looked up at most once a minute. While the broker is away the
 * last answer stands; before there was one, asking rejects. A topic that does not exist has none.
 */
export function partitionsOf(connection: KafkaConnection, topic: string): () => Promise<readonly string[]> {
  let known: readonly string[] | undefined;
  let askAgainAt = 0;
  return async () => {
    if (known !== undefined && performance.now() < askAgainAt) return known;
    try {
      known = await lookUpPartitions(connection, topic);
      // A topic that is just being created is asked for again at the next call.
      if (known.length > 0) askAgainAt = performance.now() + PARTITIONS_KNOWN_FOR_MS;
    } catch (error) {
      if (known === undefined) throw error;
      askAgainAt = performance.now() + PARTITIONS_RETRY_MS;
    }
    return known;
  };
}

async function lookUpPartitions(connection: KafkaConnection, topic: string): Promise<readonly string[]> {
  const admin = connect(connection).admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) return [];
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] });
    return found
      .flatMap(({ name, partitions }) => partitions.map(({ partitionId }) => `${name}/${partitionId}`))
      .sort();
  } finally {
    await admin.disconnect();
  }
}
