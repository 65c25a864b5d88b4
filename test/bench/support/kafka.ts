import { ensureTopics, KafkaEventPublisher } from '#usage-stream/kafka';
import { startBroker } from '#scripts/kafka/broker.mjs';
import { cloudEvent, type DayUsage } from '../../demo/day.js';
import type { Resources } from './resources.js';

/** Messages of one topic, handed to a broker. */
export interface UsageTopic {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Resolves when the broker has all of them. */
  publish(usages: readonly DayUsage[]): Promise<void>;
}

const PARTITIONS = 6;
const PER_PUBLISH = 2_000;

/** The brokers that KAFKA_BROKERS names, else one of our own for as long as the resources are open. */
export async function usageTopic(resources: Resources, topic: string): Promise<UsageTopic> {
  const brokers = await brokersOf(resources);
  await ensureTopics({ brokers }, { usageTopic: topic, partitions: PARTITIONS });
  const publisher = new KafkaEventPublisher({ connection: { brokers, clientId: 'purser-bench' } });
  resources.add(publisher, (each) => each.close());
  return {
    brokers,
    topic,
    publish: async (usages) => {
      for (let from = 0; from < usages.length; from += PER_PUBLISH) {
        await publisher.publish(
          usages.slice(from, from + PER_PUBLISH).map((usage) => ({
            topic,
            key: usage.customerId,
            value: cloudEvent(usage),
            headers: { 'content-type': 'application/cloudevents+json' },
          })),
        );
      }
    },
  };
}

async function brokersOf(resources: Resources): Promise<readonly string[]> {
  const given = process.env['KAFKA_BROKERS'];
  if (given !== undefined && given !== '') return given.split(',');
  const broker = resources.add(await startBroker(), (each) => each.stop());
  return broker.brokers;
}

/** What a process needs to consume the topic. */
export function kafkaEnv({ brokers, topic }: UsageTopic): Record<string, string> {
  return {
    KAFKA_BROKERS: brokers.join(','),
    USAGE_TOPIC: topic,
    CONSUMER_GROUP: `${topic}-ledger`,
    USAGE_PARTITIONS: String(PARTITIONS),
  };
}
