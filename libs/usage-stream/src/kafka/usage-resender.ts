import type { Message } from 'kafkajs';

import { messageBytes, splitByBytes } from './batch-splitting.js';
import type { ReadDeadLetter } from './dead-letter-format.js';
import { DurableProducer, MessageTooLargeError, type ProducerSettings } from './durable-producer.js';

/** What a usage message is made of, byte for byte. */
export type OriginalMessage = Pick<ReadDeadLetter, 'key' | 'value' | 'headers'>;

export interface UsageResenderSettings extends ProducerSettings {
  readonly usageTopic: string;
}

/** Below the limit of a topic nobody has configured (1 MiB). */
const BATCH_BYTES = 768 * 1024;
/** The broker closes the connection on a request of more than 100 MiB, without a word. */
const ONE_MESSAGE_BYTES = 48 * 1_048_576;

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
    for (const run of splitByBytes(originals, (original) => messageBytes(toMessage(original)), BATCH_BYTES)) {
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
    if (messages.some((message) => messageBytes(message) > ONE_MESSAGE_BYTES)) return false;
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
  const copy = Object.create(null) as NonNullable<Message['headers']>;
  for (const [name, content] of Object.entries(headers)) {
    copy[name] = typeof content === 'string' || Buffer.isBuffer(content) ? content : [...content];
  }
  return { key, value, headers: copy };
}
