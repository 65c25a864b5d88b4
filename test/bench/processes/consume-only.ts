/** kafkajs alone: reads a whole topic in batches and does nothing with it. */
import { Kafka, logLevel } from 'kafkajs';
import type { ConsumedOnly, ConsumeOnly } from '../support/consume-ceiling.js';
import { answerTask } from './helper.js';

answerTask(async ({ brokers, topic, messages, rounds }: ConsumeOnly): Promise<ConsumedOnly> => {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'purser-bench', logLevel: logLevel.ERROR });
  const perSecond: number[] = [];
  for (let round = 0; round < rounds; round++)
    perSecond.push(await consumeAll(kafka, topic, messages, round));
  return { perSecond };
});

/** Messages per second from the first batch to the last message. The fetch sizes are the ledger's. */
async function consumeAll(kafka: Kafka, topic: string, messages: number, round: number): Promise<number> {
  const consumer = kafka.consumer({
    groupId: `${topic}-ceiling-${process.pid}-${round}`,
    maxBytesPerPartition: 1_048_576,
    maxBytes: 8 * 1_048_576,
    maxWaitTimeInMs: 500,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let from = 0;
  let first = 0;
  let consumed = 0;
  let to = 0;
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        partitionsConsumedConcurrently: 8,
        eachBatch: ({ batch }) => {
          consumed += batch.messages.length;
          if (from === 0) {
            from = performance.now();
            first = consumed;
          }
          to = performance.now();
          if (consumed >= messages) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  // The first batch had been fetched when the time began.
  return ((consumed - first) / (to - from)) * 1000;
}
