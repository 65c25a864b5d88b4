import type { Message } from 'kafkajs';

import { LARGEST_MESSAGE_BYTES, messageBytes, splitByBytes } from './batch-splitting.js';
import { copyOfHeaders, type ReadDeadLetter } from './dead-letter-format.js';
import { DurableProducer, MessageTooLargeError, type ProducerSettings } from './durable-producer.js';

/** What a usage message is made of, byte for byte. */
export type OriginalMessage = Pick<ReadDeadLetter, 'key' | 'value' | 'headers'>;

export interface UsageResenderSettings extends ProducerSettings {
  readonly usageTopic: string;
}

/** Sends messages to the usage topic again, as they were: the key chooses the partition, as it did the first time. */
export class UsageResender {
  readonly #producer: DurableProducer;
  readonly #topic: string;

  constructor(settings: UsageResenderSettings) {
    this.#producer = new DurableProducer(settings);
    this.#topic = settings.usageTopic;
  }

  /**
   * Resolves when the messages are durable, in order.
   * @returns those that the topic does not take because of their size
   * @throws BrokerUnavailable some may have been sent
   */
  async send<T extends OriginalMessage>(originals: readonly T[]): Promise<readonly T[]> {
    const refused: T[] = [];
    for (const run of splitByBytes(originals, (original) => messageBytes(toMessage(original)))) {
      if (await this.#taken(run)) continue;
      for (const one of run) {
        if (run.length === 1 || !(await this.#taken([one]))) refused.push(one);
      }
    }
    return refused;
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }

  async #taken(run: readonly OriginalMessage[]): Promise<boolean> {
    const messages = run.map(toMessage);
    if (messages.some((message) => messageBytes(message) > LARGEST_MESSAGE_BYTES)) return false;
    try {
      await this.#producer.send(this.#topic, messages);
      return true;
    } catch (error) {
      if (error instanceof MessageTooLargeError) return false;
      throw error;
    }
  }
}

function toMessage({ key, value, headers }: OriginalMessage): Message {
  return { key, value, headers: copyOfHeaders(headers) };
}
