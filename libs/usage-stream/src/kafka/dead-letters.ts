import type { Message } from 'kafkajs';

import type { DeadLetter, DeadLetterSink } from '../port.js';
import { BATCH_BYTES, LARGEST_MESSAGE_BYTES, messageBytes, splitByBytes } from './batch-splitting.js';
import { toParts, toRecord } from './dead-letter-format.js';
import { DurableProducer, MessageTooLargeError, type ProducerSettings } from './durable-producer.js';
import { deadLetterTopic } from './topics.js';

export interface DeadLetterSettings extends ProducerSettings {
  /** The topic whose letters these are; they go to `<usageTopic>.dead-letter`. */
  readonly usageTopic: string;
}

/** Tried in this order where a topic refuses a letter as one record. */
const PART_BYTES = [BATCH_BYTES, 64 * 1024, 4 * 1024];

/**
 * Dead letters in a Kafka topic. A letter is kept whole whatever the topic's limit is: cut into parts if need be.
 * Letters may be stored twice after a failure; their origin tells.
 */
export class KafkaDeadLetters implements DeadLetterSink {
  readonly #producer: DurableProducer;
  readonly #topic: string;

  constructor(settings: DeadLetterSettings) {
    this.#producer = new DurableProducer(settings);
    this.#topic = deadLetterTopic(settings.usageTopic);
  }

  async send(letters: readonly DeadLetter[]): Promise<void> {
    const prepared = letters.map((letter) => {
      const record = toRecord(letter);
      return { letter, record, bytes: messageBytes(record) };
    });
    for (const run of splitByBytes(prepared, ({ bytes }) => bytes)) {
      const [first] = run;
      if (run.length === 1 && first !== undefined) await this.#sendOne(first.letter);
      else await this.#sendRun(run);
    }
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }

  async #sendRun(run: readonly { readonly letter: DeadLetter; readonly record: Message }[]): Promise<void> {
    try {
      await this.#producer.send(
        this.#topic,
        run.map(({ record }) => record),
      );
    } catch (error) {
      if (!(error instanceof MessageTooLargeError)) throw error;
      for (const { letter } of run) await this.#sendOne(letter);
    }
  }

  async #sendOne(letter: DeadLetter): Promise<void> {
    let refusal: unknown;
    for (const records of waysToKeep(letter)) {
      try {
        // One at a time: together they would be as large as what was refused.
        for (const one of records) await this.#producer.send(this.#topic, [one]);
        return;
      } catch (error) {
        if (!(error instanceof MessageTooLargeError)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }
}

/** Whole, then in smaller and smaller parts. */
function* waysToKeep(letter: DeadLetter): Generator<readonly Message[]> {
  const record = toRecord(letter);
  if (messageBytes(record) <= LARGEST_MESSAGE_BYTES) yield [record];
  for (const partBytes of PART_BYTES) yield toParts(letter, partBytes);
}
