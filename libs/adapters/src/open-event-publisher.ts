import type { EventPublisher } from '#usage-stream';
import {
  KafkaEventPublisher,
  LEDGER_ALERTS_TOPIC,
  LEDGER_EVENTS_TOPIC,
  type KafkaConnection,
  type StreamLogger,
} from '#usage-stream/kafka';
import { createTopics } from './create-topics.js';

export interface EventPublisherOptions {
  readonly brokers: readonly string[];
  readonly usageTopic: string;
  /** Partitions of the topics when they have to be created. */
  readonly partitions: number;
  readonly logger: StreamLogger;
}

/** Where what the ledger tells goes in Kafka. */
export const OUTGOING_TOPICS = { events: LEDGER_EVENTS_TOPIC, alerts: LEDGER_ALERTS_TOPIC };

/** Whoever publishes tells that the broker is away after so long, and begins again with the same. */
const GIVE_UP_AFTER_MS = 10_000;

/** Opens a publisher. A broker that is away is waited for in the background; topics that do not exist are created. */
export function openEventPublisher(options: EventPublisherOptions): EventPublisher {
  const { brokers, usageTopic, partitions, logger } = options;
  const connection: KafkaConnection = { brokers, logger };
  const stop = new AbortController();
  void createTopics(connection, { usageTopic, partitions }, stop.signal);
  const publisher = new KafkaEventPublisher({ connection, giveUpAfterMs: GIVE_UP_AFTER_MS });
  return {
    publish: (events) => publisher.publish(events),
    close: async () => {
      stop.abort();
      await publisher.close();
    },
  };
}
