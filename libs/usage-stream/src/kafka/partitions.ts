import { connect, type KafkaConnection } from './connection.js';

/** How long an answer is good for: partitions are added to a topic by people, rarely. */
const FRESH_MS = 30_000;

/**
 * Every partition of a topic, as `topic/partition`, asked of the broker when the last answer is old.
 * The function returned throws while the broker is away or the topic does not exist.
 */
export function partitionsOf(connection: KafkaConnection, topic: string): () => Promise<readonly string[]> {
  let known: readonly string[] = [];
  let askedAtMs = -Infinity;
  return async () => {
    if (performance.now() - askedAtMs < FRESH_MS) return known;
    const admin = connect(connection).admin();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      known = topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionId }) => `${name}/${partitionId}`),
      );
      askedAtMs = performance.now();
      return known;
    } finally {
      await admin.disconnect();
    }
  };
}
