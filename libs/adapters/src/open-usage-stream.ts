import type { PartitionProgress } from '#usage-stream';
import {
  KafkaDeadLetters,
  KafkaUsageConsumer,
  partitionsOf,
  type KafkaConnection,
  type StreamLogger,
} from '#usage-stream/kafka';
import { createTopics } from './create-topics.js';

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
