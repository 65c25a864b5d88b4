import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, type KafkaMessage } from 'kafkajs';

/** Reads a topic from its beginning until it has `count` records and then is quiet for a moment. */
export async function readTopic(
  brokers: readonly string[],
  topic: string,
  count: number,
): Promise<KafkaMessage[]> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `reader-${topic}-${Date.now()}` });
  const records: KafkaMessage[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      records.push(message);
      return Promise.resolve();
    },
  });
  const deadline = Date.now() + 30_000;
  while (records.length < count && Date.now() < deadline) await delay(50);
  // More than was asked for would be a fault worth seeing.
  await delay(500);
  await consumer.disconnect();
  return records;
}
