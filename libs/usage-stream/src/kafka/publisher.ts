import type { Message, TopicMessages } from 'kafkajs';

import type { EventPublisher, OutgoingEvent } from '../port.js';
import { messageBytes, splitByBytes } from './batch-splitting.js';
import { DurableProducer, MessageTooLargeError, type ProducerSettings } from './durable-producer.js';

interface Prepared {
  readonly topic: string;
  readonly message: Message;
  readonly bytes: number;
}

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
    for (const run of splitByBytes(events.map(prepared), ({ bytes }) => bytes)) await this.#sendRun(run);
  }

  /** Where a topic takes only smaller batches, in halves, one after the other. */
  async #sendRun(run: readonly Prepared[]): Promise<void> {
    const byTopic = new Map<string, TopicMessages>();
    for (const { topic, message } of run) {
      const of = byTopic.get(topic);
      if (of) of.messages.push(message);
      else byTopic.set(topic, { topic, messages: [message] });
    }
    try {
      await this.#producer.sendBatch([...byTopic.values()]);
    } catch (error) {
      if (!(error instanceof MessageTooLargeError) || run.length === 1) throw error;
      const half = Math.ceil(run.length / 2);
      await this.#sendRun(run.slice(0, half));
      await this.#sendRun(run.slice(half));
    }
  }
}

function prepared({ topic, key, value, headers = {} }: OutgoingEvent): Prepared {
  const message = { key, value, headers };
  return { topic, message, bytes: messageBytes(message) };
}
