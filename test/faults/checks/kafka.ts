import { createHash } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { deadLetterTopic, DeadLetterReader } from '#usage-stream/kafka';
import { readTopic } from '../../support/topic.js';
import type { Produced } from '../traffic/produced.js';

/** How far a group is behind the end of a topic: true when it is not, otherwise in words. */
export async function consumed(brokers: readonly string[], topic: string): Promise<true | string> {
  return withAdmin(brokers, async (admin) => {
    const ends = await admin.fetchTopicOffsets(topic);
    const [committed] = await admin.fetchOffsets({ groupId: topic, topics: [topic] });
    const behind = ends.flatMap(({ partition, high }) => {
      const offset = committed?.partitions.find((entry) => entry.partition === partition)?.offset ?? '-1';
      const next = Math.max(0, Number(offset));
      return next < Number(high) ? [`partition ${partition} is at ${next} of ${high}`] : [];
    });
    return behind.length === 0 ? true : behind.join(', ');
  });
}

/**
 * Every message that must be refused is among the dead letters, and none that must not.
 * @returns what is wrong, and how many of those that must be refused were found
 */
export async function compareDeadLetters(
  brokers: readonly string[],
  topic: string,
  { refused }: Produced,
): Promise<{ readonly faults: readonly string[]; readonly kept: number }> {
  const letters = deadLetterTopic(topic);
  const count = await withAdmin(brokers, async (admin) => {
    const ends = await admin.fetchTopicOffsets(letters);
    return ends.reduce((sum, { high }) => sum + Number(high), 0);
  });
  const reader = new DeadLetterReader();
  const records = count === 0 ? [] : await readTopic(brokers, letters, count);
  const missing = new Map(refused.map((value) => [digest(value), value]));
  const known = new Set(missing.keys());
  const origins = new Map<string, string>();
  const faults: string[] = [];
  for (const record of records) {
    const letter = reader.read(record);
    if (!letter) continue;
    const value = letter.value ?? Buffer.alloc(0);
    const which = digest(value);
    missing.delete(which);
    if (!known.has(which)) {
      faults.push(
        `${letter.origin} is a dead letter (${letter.reason}: ${letter.detail}): ${value.toString()}`,
      );
    }
    // The same letter twice is allowed, two letters of one message that differ are not.
    if ((origins.get(letter.origin) ?? which) !== which) faults.push(`${letter.origin}: two letters differ`);
    origins.set(letter.origin, which);
  }
  for (const value of missing.values()) faults.push(`refused, but no dead letter: ${value.toString()}`);
  return { faults, kept: known.size - missing.size };
}

type Admin = ReturnType<Kafka['admin']>;

async function withAdmin<T>(brokers: readonly string[], work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

function digest(value: Buffer): string {
  return createHash('sha256').update(value).digest('hex');
}
