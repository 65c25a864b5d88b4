import { setTimeout as delay } from 'node:timers/promises';
import type { PartitionProgress } from '#usage-stream';
import {
  ensureTopics,
  KafkaDeadLetters,
  KafkaUsageConsumer,
  partitionsOf,
  type KafkaConnection,
  type StreamLogger,
} from '#usage-stream/kafka';

export interface UsageStreamOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly groupId: string;
  /** Partitions of the topic when it has to be created. */
  readonly partitions: number;
  readonly logger: StreamLogger;
  readonly onProgress: (progress: readonly PartitionProgress[]) => void;
}

/** Usage out of Kafka: the consumer, and where its dead letters go. */
export interface OpenUsageStream {
  readonly consumer: KafkaUsageConsumer;
  readonly deadLetters: KafkaDeadLetters;
  /** Every partition of the usage topic, as `topic/partition`. */
  readonly partitions: () => Promise<readonly string[]>;
  close(): Promise<void>;
}

const TOPICS_RETRY_MS = 2_000;

/** Opens Kafka. A broker that is away is waited for in the background; topics that do not exist are created. */
export function openUsageStream(options: UsageStreamOptions): OpenUsageStream {
  const { brokers, topic, groupId, partitions, logger, onProgress } = options;
  const connection: KafkaConnection = { brokers, logger };
  const stop = new AbortController();
  void createTopics(connection, { usageTopic: topic, partitions }, stop.signal);
  const deadLetters = new KafkaDeadLetters({ connection, usageTopic: topic });
  return {
    consumer: new KafkaUsageConsumer({ connection, topic, groupId, onProgress }),
    deadLetters,
    partitions: partitionsOf(connection, topic),
    close: async () => {
      stop.abort();
      await deadLetters.close();
    },
  };
}

async function createTopics(
  connection: KafkaConnection,
  settings: { readonly usageTopic: string; readonly partitions: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const created = await ensureTopics(connection, settings);
      if (created.length > 0) connection.logger?.info(`created the topics ${created.join(', ')}`);
      return;
    } catch (error) {
      connection.logger?.warn('the topics cannot be looked up or created yet', { error: String(error) });
      await delay(TOPICS_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
