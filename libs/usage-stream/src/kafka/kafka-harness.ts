import { randomUUID } from 'node:crypto';

import {
  Partitioners,
  type Admin,
  type IHeaders,
  type Kafka,
  type KafkaMessage,
  type Producer,
} from 'kafkajs';

import { eventually } from '../testing/eventually.js';
import type { ProducedMessage } from '../testing/memory.js';
import type { StoredDeadLetter, UsageStreamHarness } from '../testing/usage-stream-suite.js';
import { connect, type KafkaConnection } from './connection.js';
import { DeadLetterReader } from './dead-letter-format.js';
import { KafkaDeadLetters } from './dead-letters.js';
import { deadLetterTopic, ensureTopics } from './topics.js';
import { KafkaUsageConsumer, type UsageConsumerOptions } from './usage-consumer.js';

const GROUP = 'ledger';

/** A usage stream with a topic of its own on a real broker, with timeouts short enough for tests. */
export class KafkaHarness implements UsageStreamHarness {
  readonly #producer: Producer;
  readonly #admin: Admin;
  readonly #deadLetters: KafkaDeadLetters;

  private constructor(
    readonly connection: KafkaConnection,
    readonly kafka: Kafka,
    readonly topic: string,
    readonly group: string,
  ) {
    this.#producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    this.#admin = kafka.admin();
    this.#deadLetters = new KafkaDeadLetters({ connection, usageTopic: topic });
  }

  static async open(brokers: readonly string[]): Promise<KafkaHarness> {
    const connection = { brokers };
    const topic = `usage-${randomUUID()}`;
    await ensureTopics(connection, { usageTopic: topic, partitions: 3 });
    const harness = new KafkaHarness(connection, connect(connection), topic, `${GROUP}-${topic}`);
    await harness.#producer.connect();
    await harness.#admin.connect();
    return harness;
  }

  async produce(messages: readonly ProducedMessage[]): Promise<void> {
    const records = messages.map(({ partition, key = null, value, headers = {} }) => {
      return { partition, key, value, headers: headers as IHeaders };
    });
    await this.#producer.send({ topic: this.topic, acks: -1, messages: records });
  }

  consumer(options: Partial<UsageConsumerOptions> = {}): KafkaUsageConsumer {
    return new KafkaUsageConsumer({
      connection: this.connection,
      topic: this.topic,
      groupId: this.group,
      maxWaitMs: 100,
      heartbeatIntervalMs: 300,
      sessionTimeoutMs: 6000,
      redeliveryPause: { firstMs: 50, maxMs: 500 },
      progressIntervalMs: 50,
      ...options,
    });
  }

  async committed(): Promise<ReadonlyMap<number, bigint>> {
    // A coordinator that is still loading its groups knows of no commit yet.
    const [offsets] = await this.#admin
      .fetchOffsets({ groupId: this.group, topics: [this.topic] })
      .catch(() => []);
    const known = (offsets?.partitions ?? []).map(
      ({ partition, offset }) => [partition, BigInt(offset)] as const,
    );
    return new Map(known.filter(([, offset]) => offset >= 0n));
  }

  deadLetters(): KafkaDeadLetters {
    return this.#deadLetters;
  }

  async readDeadLetters(count: number): Promise<readonly StoredDeadLetter[]> {
    const reader = new DeadLetterReader();
    const letters: StoredDeadLetter[] = [];
    await this.read(deadLetterTopic(this.topic), (message) => {
      const letter = reader.read(message);
      if (letter !== undefined) letters.push(letter);
      return letters.length >= count;
    });
    return letters;
  }

  /** Reads a topic from its beginning with bare kafkajs until `enough` says so. */
  async read(topic: string, enough: (message: KafkaMessage) => boolean): Promise<void> {
    const consumer = this.kafka.consumer({ groupId: `read-${randomUUID()}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    let done = false;
    await consumer.run({
      eachMessage: ({ message }) => {
        done ||= enough(message);
        return Promise.resolve();
      },
    });
    await eventually(`enough messages in ${topic}`, () => (done ? true : undefined)).finally(() =>
      consumer.disconnect(),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#producer.disconnect(), this.#admin.disconnect(), this.#deadLetters.close()]);
  }
}
