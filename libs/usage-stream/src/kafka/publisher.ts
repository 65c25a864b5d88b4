import type { TopicMessages } from 'kafkajs';

import type { EventPublisher, OutgoingEvent } from '../port.js';
import { messageBytes, splitByBytes } from './batch-splitting.js';
import { DurableProducer, type ProducerSettings } from './durable-producer.js';

/** Below the limit of a topic nobody has configured (1 MiB). */
const BATCH_BYTES = 768 * 1024;

const toMessage = ({ key, value, headers = {} }: OutgoingEvent) => ({ key, value, headers: { ...headers } });

/** Publishes events to Kafka, in the order they are handed over, at least once. */
export class KafkaEventPublisher implements EventPublisher {
  readonly #producer: DurableProducer;
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: ProducerSettings) {
    this.#producer = new DurableProducer(settings);
  }

  publish(events: readonly OutgoingEvent[]): Promise<void> {
    const published = this.#last.then(() => this.#publishNow(events));
    this.#last = published.catch(() => undefined);
    return published;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#producer.close();
  }

  async #publishNow(events: readonly OutgoingEvent[]): Promise<void> {
    const bytes = (event: OutgoingEvent): number => messageBytes(toMessage(event));
    for (const run of splitByBytes(events, bytes, BATCH_BYTES)) {
      const byTopic = new Map<string, TopicMessages>();
      for (const event of run) {
        const of = byTopic.get(event.topic) ?? { topic: event.topic, messages: [] };
        of.messages.push(toMessage(event));
        byTopic.set(event.topic, of);
      }
      await this.#producer.sendBatch([...byTopic.values()]);
    }
  }
}
