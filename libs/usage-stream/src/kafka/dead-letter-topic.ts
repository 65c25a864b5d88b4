import type { KafkaConnection } from './connection.js';
import { DeadLetterReader, type ReadDeadLetter } from './dead-letter-format.js';
import { readTopic } from './read-topic.js';
import { deadLetterTopic } from './topics.js';

/** A dead letter and when it became one. */
export interface KeptDeadLetter extends ReadDeadLetter {
  /** By the broker's clock, in milliseconds since the epoch. */
  readonly keptAtMs: number;
}

/** What a dead-letter topic holds besides whole letters. */
export interface DeadLetterRemains {
  /** Letters of which some parts are missing: a sender died over them, and sent them again, or is sending now. */
  readonly incomplete: number;
  /** Records that are no dead letters. */
  readonly strange: number;
}

/**
 * Reads the dead letters of a usage topic, oldest first, up to the end the topic has now; a letter may have been kept
 * twice. Nothing more is read while `each` works.
 * @throws TopicUnknown, BrokerUnavailable, and whatever `each` throws
 */
export async function readDeadLetters(
  connection: KafkaConnection,
  usageTopic: string,
  each: (letters: readonly KeptDeadLetter[]) => Promise<'more' | 'enough'>,
): Promise<DeadLetterRemains> {
  const reader = new DeadLetterReader();
  await readTopic(connection, deadLetterTopic(usageTopic), async (records) => {
    const letters: KeptDeadLetter[] = [];
    for (const record of records) {
      const letter = reader.read(record);
      if (letter) letters.push({ ...letter, keptAtMs: record.timestampMs });
    }
    return letters.length === 0 ? 'more' : each(letters);
  });
  return { incomplete: reader.incomplete, strange: reader.strange };
}
