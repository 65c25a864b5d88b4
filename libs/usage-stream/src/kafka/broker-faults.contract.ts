import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { describeWithKafka, type TestKafka } from '../../../../test/support/kafka.js';
import type { UsageBatch, UsageConsumer } from '../port.js';
import { until } from '../testing/eventually.js';
import { KafkaHarness } from './kafka-harness.js';
import { KafkaEventPublisher } from './publisher.js';
import { LEDGER_EVENTS_TOPIC } from './topics.js';

jest.setTimeout(180_000);

const lastOffset = (batch: UsageBatch): bigint | undefined => batch.messages.at(-1)?.offset;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeWithKafka('a broker that fails', (kafka) => {
  let harness: KafkaHarness;
  let consumers: UsageConsumer[];

  beforeEach(async () => {
    harness = await KafkaHarness.open(kafka().brokers);
    consumers = [];
  });
  afterEach(async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await harness.close();
  });
  const consumer = (options: Parameters<KafkaHarness['consumer']>[0] = {}): UsageConsumer => {
    const made = harness.consumer(options);
    consumers.push(made);
    return made;
  };
  const committed = async (partition: number): Promise<bigint> =>
    (await harness.committed()).get(partition) ?? 0n;

  describe('killed and restarted', () => {
    it('is waited for by a consumer, which then goes on where it was', async () => {
      const broker = ownBroker(kafka());
      const seen = new Set<string>();
      const member = consumer();
      const states = new Set<string>();
      member.onStatus(({ state }) => states.add(state));
      await member.start((batch) => {
        for (const { value } of batch.messages) seen.add(String(value));
        return Promise.resolve(lastOffset(batch));
      });
      await harness.produce([{ partition: 0, value: Buffer.from('before') }]);
      await until('the first commit', async () => (await committed(0)) === 1n);
      await broker.kill();
      await until('the loss to show', () => member.status().state === 'disconnected');
      expect(member.status().problem).toBeDefined();
      await pause(3000);
      await broker.restart();
      await until('the group to be joined again', () => member.status().state === 'consuming');
      await harness.produce([{ partition: 0, value: Buffer.from('after') }]);
      await until('the second commit', async () => (await committed(0)) === 2n);
      expect(seen).toEqual(new Set(['before', 'after']));
      expect(member.status().problem).toBeUndefined();
    });

    it('does not lose a batch whose commit it did not take', async () => {
      const broker = ownBroker(kafka());
      await harness.produce([{ partition: 0, value: Buffer.from('x') }]);
      let deliveries = 0;
      let down: Promise<void> | undefined;
      await consumer().start(async (batch) => {
        deliveries++;
        down ??= broker.kill();
        await down;
        return lastOffset(batch);
      });
      await until('a delivery', () => deliveries > 0);
      await down;
      await broker.restart();
      await until('the commit', async () => (await committed(0)) === 1n);
      expect(deliveries).toBeGreaterThan(1);
    });

    it('gets every event of a publisher, in order per key', async () => {
      const broker = ownBroker(kafka());
      const publisher = new KafkaEventPublisher({ connection: harness.connection, giveUpAfterMs: 60_000 });
      const key = harness.topic;
      const events = (from: number, count: number) =>
        Array.from({ length: count }, (_, index) => {
          return {
            topic: LEDGER_EVENTS_TOPIC,
            key,
            value: String(from + index),
            headers: { id: `${from + index}` },
          };
        });
      await publisher.publish(events(0, 10));
      const dying = broker.kill();
      const meanwhile = [publisher.publish(events(10, 10)), publisher.publish(events(20, 10))];
      await dying;
      await pause(1000);
      await broker.restart();
      await Promise.all(meanwhile);
      await publisher.close();
      const values: number[] = [];
      await harness.read(LEDGER_EVENTS_TOPIC, (message) => {
        if (message.key?.toString() === key) values.push(Number(message.value?.toString()));
        return values.includes(29);
      });
      const firsts = values.filter((value, index) => values.indexOf(value) === index);
      expect(firsts).toEqual(Array.from({ length: 30 }, (_, index) => index));
    });

    it('gets dead letters that were sent while it was away', async () => {
      const broker = ownBroker(kafka());
      await broker.kill();
      const message = { offset: 1n, key: null, value: Buffer.from('bad'), headers: {}, timestampMs: 0 };
      const sent = harness
        .deadLetters()
        .send([{ message, reason: 'malformed', detail: 'x', origin: 't/0/1' }]);
      await pause(500);
      await broker.restart();
      await sent;
      expect(await harness.readDeadLetters(1)).toMatchObject([
        { value: Buffer.from('bad'), origin: 't/0/1' },
      ]);
    });
  });

  it('keeps its partitions through a handler that is slower than the session time-out', async () => {
    await harness.produce([{ partition: 0, value: Buffer.from('x') }]);
    let deliveries = 0;
    const member = consumer({ sessionTimeoutMs: 1500 });
    await member.start(async (batch) => {
      deliveries++;
      await pause(5000);
      expect(batch.isStale()).toBe(false);
      return lastOffset(batch);
    });
    await until('the commit', async () => (await committed(0)) === 1n);
    expect(deliveries).toBe(1);
  });

  it('waits for a broker that is not there yet, and stops while waiting', async () => {
    const absent = consumer({ connection: { brokers: ['127.0.0.1:1'] } });
    await absent.start((batch) => Promise.resolve(lastOffset(batch)));
    await until('the problem to show', () => absent.status().problem !== undefined);
    expect(absent.status().state).toBe('disconnected');
    await absent.stop();
    expect(absent.status().state).toBe('stopped');
  });
});

/** The broker of these tests, to be killed. A broker somebody else provides must not be. */
function ownBroker(kafka: TestKafka): NonNullable<TestKafka['broker']> {
  if (kafka.broker === undefined) {
    throw new Error('These tests kill the broker, so they need Java and Maven here and KAFKA_BROKERS unset.');
  }
  return kafka.broker;
}
