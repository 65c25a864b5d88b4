import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EventStore } from '#event-store';
import { createMetrics } from '#platform';
import {
  deadLetterTopic,
  ensureTopics,
  KafkaDeadLetters,
  KafkaEventPublisher,
  KafkaUsageConsumer,
} from '#usage-stream/kafka';
import { consumeBatch, type WriteSide } from '#write-side';
import { ledgerFixture, subscribe, type Fixture } from '../../libs/write-side/src/testing/fixture.js';
import { describeWithKafka } from '../support/kafka.js';
import { until } from '../support/process.js';

const PARTITIONS = 3;
const MESSAGES = 6_000;
const SESSION_MS = 2_000;
/** Longer than the group waits for a member that gives no sign of life. */
const SLOW_APPEND_MS = 3 * SESSION_MS;
const BYTES_PER_FETCH = 32 * 1024;

describeWithKafka('an event store that is slow', (kafka) => {
  const run = `slow-${randomUUID()}`;
  const topic = `usage-${run}`;
  const customers = Array.from({ length: 30 }, (_, index) => `${run}-${index}`);
  let fixture: Fixture;
  let side: WriteSide;
  let appendMs = 0;
  let consumer: KafkaUsageConsumer;
  let deadLetters: KafkaDeadLetters;

  beforeAll(async () => {
    const connection = { brokers: kafka().brokers };
    await ensureTopics(connection, { usageTopic: topic, partitions: PARTITIONS });
    fixture = await ledgerFixture();
    const { eventStore } = fixture;
    const slow: EventStore = {
      ...eventStore,
      append: async (stream, expected, events) => {
        await delay(appendMs);
        return eventStore.append(stream, expected, events);
      },
    };
    side = fixture.process({ eventStore: slow });
    for (const customer of customers) await subscribe(side, customer);
    deadLetters = new KafkaDeadLetters({ connection, usageTopic: topic });
    consumer = new KafkaUsageConsumer({
      connection,
      topic,
      groupId: run,
      sessionTimeoutMs: SESSION_MS,
      heartbeatIntervalMs: 300,
      maxWaitMs: 100,
      maxBytesPerPartition: BYTES_PER_FETCH,
      maxBytes: PARTITIONS * BYTES_PER_FETCH,
      progressIntervalMs: 100,
    });
  }, 60_000);

  afterAll(async () => {
    await consumer.stop();
    await deadLetters.close();
  }, 60_000);

  async function produce(): Promise<void> {
    const publisher = new KafkaEventPublisher({ connection: { brokers: kafka().brokers } });
    const time = fixture.clock.now();
    for (let from = 0; from < MESSAGES; from += 500) {
      await publisher.publish(
        Array.from({ length: 500 }, (_, index) => {
          const subject = customers[(from + index) % customers.length] ?? '';
          const attributes = {
            specversion: '1.0',
            id: `u${from + index}`,
            source: run,
            type: 'usage.recorded',
          };
          const data = { feature: 'call', quantity: '0.001' };
          return { topic, key: subject, value: JSON.stringify({ ...attributes, subject, time, data }) };
        }),
      );
    }
    await publisher.close();
  }

  it('slows the consumer down and does not cost it its partitions, nor fill its memory', async () => {
    await produce();
    appendMs = SLOW_APPEND_MS;
    const metrics = createMetrics();
    const interruptions: string[] = [];
    consumer.onStatus(({ state, problem = '' }) => {
      if (state !== 'consuming') interruptions.push(`${state} ${problem}`);
    });
    let handedOver = 0;
    let inHand = 0;
    let mostInHand = 0;
    let batches = 0;
    await consumer.start(async (batch) => {
      const { length } = batch.messages;
      handedOver += length;
      batches += 1;
      mostInHand = Math.max(mostInHand, (inHand += length));
      try {
        return await consumeBatch(batch, { ledger: side.ledger, deadLetters, metrics });
      } finally {
        inHand -= length;
      }
    });
    const lag = (): number => consumer.progress().reduce((sum, progress) => sum + progress.lag, 0);
    await until('the first batches', () => Promise.resolve(batches >= PARTITIONS));
    // A group that is new may take a second attempt to join; what counts is that slowness does not end it.
    interruptions.length = 0;
    await until('the lag to be known', () => Promise.resolve(lag() > 0));
    // Longer than the group would wait: most of it still waits at the broker, and the lag says so.
    await delay(SLOW_APPEND_MS / 2);
    expect(handedOver).toBeLessThan(MESSAGES / 2);
    expect(lag()).toBeGreaterThan(MESSAGES / 2);
    await until('batches to come after slow ones', () => Promise.resolve(batches >= 2 * PARTITIONS));
    expect(interruptions).toEqual([]);
    expect(consumer.status()).toMatchObject({ state: 'consuming', stuck: [] });

    appendMs = 0;
    await until('everything to be consumed', () => Promise.resolve(handedOver >= MESSAGES && lag() === 0));
    expect(interruptions).toEqual([]);
    // Nothing was delivered twice, as it would have been after a lost membership.
    expect(handedOver).toBe(MESSAGES);
    // One fetch of each partition at most was in memory: a message takes more than a hundred bytes.
    expect(mostInHand).toBeLessThanOrEqual((PARTITIONS * BYTES_PER_FETCH) / 100);
    expect(mostInHand).toBeLessThan(MESSAGES / 2);
    const usages = await metrics.usageEvents.get();
    expect(usages.values).toEqual([
      expect.objectContaining({ labels: { outcome: 'debited' }, value: MESSAGES }),
    ]);
    process.stderr.write(
      `back-pressure: ${MESSAGES} messages, at most ${mostInHand} in memory, appends of ${SLOW_APPEND_MS} ms in a ` +
        `session of ${SESSION_MS} ms; dead letters in ${deadLetterTopic(topic)}: none\n`,
    );
  }, 120_000);
});
