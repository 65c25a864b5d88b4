import type { DeadLetter, DeadLetterSink } from '../port.js';
import { messageBytes, splitByBytes } from './batch-splitting.js';
import { toParts, toRecord } from './dead-letter-format.js';
import { DurableProducer, MessageTooLargeError, type ProducerSettings } from './durable-producer.js';
import { deadLetterTopic } from './topics.js';

export interface DeadLetterSettings extends ProducerSettings {
  /** The topic whose letters these are; they go to `<usageTopic>.dead-letter`. */
  readonly usageTopic: string;
}

/** Below the limit of a topic nobody has configured (1 MiB). */
const BATCH_BYTES = 768 * 1024;

/** A request may have 100 MiB at most; the broker closes the connection on anything larger, without a word. */
const ONE_RECORD_BYTES = 48 * 1_048_576;

/** Tried in this order where a topic refuses a letter as one record. */
const PART_BYTES = [768 * 1024, 64 * 1024, 4 * 1024];

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
    for (const run of splitByBytes(prepared, ({ bytes }) => bytes, BATCH_BYTES)) {
      const [first] = run;
      if (run.length === 1 && first !== undefined) await this.#sendOne(first.letter);
      else await this.#sendRun(run);
    }
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }

  async #sendRun(
    run: readonly { readonly letter: DeadLetter; readonly record: ReturnType<typeof toRecord> }[],
  ) {
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
    const record = toRecord(letter);
    const whole = messageBytes(record) <= ONE_RECORD_BYTES ? [[record]] : [];
    const cut = PART_BYTES.map((partBytes) => () => toParts(letter, partBytes));
    let refusal: unknown;
    for (const records of [...whole.map((one) => () => one), ...cut]) {
      try {
        // One at a time: together they would be as large as what was refused.
        for (const one of records()) await this.#producer.send(this.#topic, [one]);
        return;
      } catch (error) {
        if (!(error instanceof MessageTooLargeError)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }
}
