import type { Message, Producer, TopicMessages } from 'kafkajs';

import { BrokerUnavailable } from './broker-unavailable.js';
import { connect, SHORT_RETRY, type KafkaConnection } from './connection.js';
import { keyPartitioner } from './key-partitioner.js';
import { quicklyGrouped } from './message-grouping.js';
import { silentLogger, type StreamLogger } from './logging.js';

/** The broker will not take a message of this size in this topic, however often it is tried. */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError';
}

export interface ProducerSettings {
  readonly connection: KafkaConnection;
  /** A send that has not succeeded for so long is rejected. Default 30 s. */
  readonly giveUpAfterMs?: number;
}

const ACKS_OF_ALL_REPLICAS = -1;
const RETRY_MS = { first: 100, max: 2000 };

/**
 * Sends at least once and in order: one send at a time, acknowledged by all in-sync replicas, idempotent within one
 * kafkajs producer. That producer is thrown away after any failure it could not retry itself, because its sequence
 * numbers may then be wrong for ever; the repeat by its successor is the "at least".
 */
export class DurableProducer {
  readonly #settings: ProducerSettings;
  readonly #logger: StreamLogger;
  #producer: Producer | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(settings: ProducerSettings) {
    this.#settings = settings;
    this.#logger = settings.connection.logger ?? silentLogger;
  }

  /**
   * Resolves when all messages are durable.
   * @throws MessageTooLargeError when the broker refuses the size; BrokerUnavailable
   */
  send(topic: string, messages: readonly Message[]): Promise<void> {
    return this.sendBatch([{ topic, messages: [...messages] }]);
  }

  sendBatch(topicMessages: TopicMessages[]): Promise<void> {
    const grouped = topicMessages.map(({ topic, messages }) => ({
      topic,
      messages: quicklyGrouped(messages),
    }));
    const sent = this.#last.then(() => this.#sendNow(grouped));
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  /** Waits for sends that were asked for, then disconnects. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#discard();
  }

  async #sendNow(topicMessages: TopicMessages[]): Promise<void> {
    const deadline = performance.now() + (this.#settings.giveUpAfterMs ?? 30_000);
    for (let pauseMs = RETRY_MS.first; ; pauseMs = Math.min(pauseMs * 2, RETRY_MS.max)) {
      try {
        const producer = await this.#connected();
        await producer.sendBatch({ acks: ACKS_OF_ALL_REPLICAS, topicMessages });
        return;
      } catch (error) {
        // Also when one partition refuses the size: another may have taken its part, and kafkajs does not count that.
        await this.#discard();
        if (isTooLarge(error)) throw new MessageTooLargeError(String(error), { cause: error });
        const topics = topicMessages.map(({ topic }) => topic).join(', ');
        if (this.#closed || performance.now() + pauseMs > deadline) {
          throw new BrokerUnavailable(`not sent to ${topics}: ${String(error)}`, { cause: error });
        }
        this.#logger.warn(`sending to ${topics} failed, again in ${pauseMs} ms`, { error: String(error) });
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  async #connected(): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer;
    const producer = connect(this.#settings.connection).producer({
      createPartitioner: keyPartitioner,
      allowAutoTopicCreation: false,
      idempotent: true,
      maxInFlightRequests: 1,
      retry: SHORT_RETRY,
    });
    await producer.connect();
    this.#producer = producer;
    return producer;
  }

  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }
}

/** kafkajs wraps the broker's answer in one or two errors of its own. */
function isTooLarge(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('type' in at && (at.type === 'MESSAGE_TOO_LARGE' || at.type === 'RECORD_LIST_TOO_LARGE')) return true;
  }
  return false;
}
