import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { ConfigResourceTypes } from 'kafkajs';

import { describeWithKafka } from '../../../../test/support/kafka.js';
import type { DeadLetter } from '../port.js';
import { BrokerUnavailable } from './broker-unavailable.js';
import { readDeadLetters, type KeptDeadLetter } from './dead-letter-topic.js';
import { KafkaHarness } from './kafka-harness.js';
import { readTopic, TopicUnknown, type TopicRecord } from './read-topic.js';
import { deadLetterTopic } from './topics.js';
import { UsageResender } from './usage-resender.js';

jest.setTimeout(120_000);

describeWithKafka('topics read from beginning to end', (kafka) => {
  let harness: KafkaHarness;
  let resender: UsageResender;

  beforeEach(async () => {
    harness = await KafkaHarness.open(kafka().brokers);
    resender = new UsageResender({ connection: harness.connection, usageTopic: harness.topic });
  });
  afterEach(async () => {
    await resender.close();
    await harness.close();
  });

  const letter = (n: number, message: Partial<DeadLetter['message']> = {}): DeadLetter => ({
    message: {
      offset: BigInt(n),
      key: Buffer.from(`cust_${n}`),
      value: Buffer.from(`value ${n}`),
      headers: {},
      timestampMs: 0,
      ...message,
    },
    reason: n % 2 === 0 ? 'malformed' : 'unknown-customer',
    detail: `detail ${n}`,
    origin: `${harness.topic}/0/${n}`,
  });

  async function lettersNow(): Promise<readonly KeptDeadLetter[]> {
    const letters: KeptDeadLetter[] = [];
    await readDeadLetters(harness.connection, harness.topic, (more) => {
      letters.push(...more);
      return Promise.resolve('more');
    });
    return letters;
  }

  async function recordsNow(topic: string): Promise<readonly TopicRecord[]> {
    const records: TopicRecord[] = [];
    await readTopic(harness.connection, topic, (more) => {
      records.push(...more);
      return Promise.resolve('more');
    });
    return records;
  }

  const limitMessages = async (topic: string, bytes: number): Promise<void> => {
    const admin = harness.kafka.admin();
    await admin.connect();
    const configEntries = [{ name: 'max.message.bytes', value: String(bytes) }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    });
    await admin.disconnect();
  };

  it('are every record of every partition, once, in the order of the log', async () => {
    const count = 3_000;
    await harness.produce(
      Array.from({ length: count }, (_, n) => ({ partition: n % 3, value: Buffer.from(String(n)) })),
    );
    const records = await recordsNow(harness.topic);
    for (const partition of [0, 1, 2]) {
      const values = records
        .filter((record) => record.partition === partition)
        .map(({ value }) => Number(value));
      expect(values).toEqual(Array.from({ length: count / 3 }, (_, n) => n * 3 + partition));
    }
  });

  it('end where they ended at the beginning, though more is sent meanwhile', async () => {
    const send = (n: number) => harness.produce([{ partition: 0, value: Buffer.from(String(n)) }]);
    for (let n = 0; n < 5; n++) await send(n);
    const read: string[] = [];
    await readTopic(harness.connection, harness.topic, async (records) => {
      for (const record of records) {
        read.push(String(record.value));
        await send(100 + read.length);
      }
      return 'more';
    });
    expect(read).toEqual(['0', '1', '2', '3', '4']);
  });

  it('are not read on when the reader has enough, and not when it fails', async () => {
    const value = Buffer.alloc(300_000, 'x');
    for (let n = 0; n < 10; n++) await harness.produce([{ partition: 0, value }]);
    let calls = 0;
    await readTopic(harness.connection, harness.topic, () =>
      Promise.resolve(++calls < 2 ? 'more' : 'enough'),
    );
    expect(calls).toBe(2);
    const failing = readTopic(harness.connection, harness.topic, () =>
      Promise.reject(new Error('disk full')),
    );
    await expect(failing).rejects.toThrow('disk full');
  });

  it('may be empty; where there is none, or no broker, the reader hears it', async () => {
    expect(await recordsNow(harness.topic)).toEqual([]);
    await expect(recordsNow('no-such-topic')).rejects.toBeInstanceOf(TopicUnknown);
    const nobody = { brokers: ['127.0.0.1:1'] };
    const reading = readTopic(nobody, harness.topic, () => Promise.resolve('more'));
    await expect(reading).rejects.toBeInstanceOf(BrokerUnavailable);
  });

  it('give dead letters back, whole where they were kept in parts, with when they were kept', async () => {
    await limitMessages(deadLetterTopic(harness.topic), 100_000);
    const large = Buffer.from(Array.from({ length: 500_000 }, (_, i) => (i * 7) & 255));
    await harness.deadLetters().send([letter(1), letter(2, { value: large }), letter(3, { key: null })]);
    const letters = await lettersNow();
    expect(letters.map(({ origin }) => origin)).toEqual([1, 2, 3].map((n) => `${harness.topic}/0/${n}`));
    expect(letters[0]).toMatchObject({ reason: 'unknown-customer', detail: 'detail 1' });
    expect(letters[1]?.value?.equals(large)).toBe(true);
    expect(letters[2]?.key).toBeNull();
    for (const { keptAtMs } of letters) expect(keptAtMs).toBeGreaterThan(0);
  });

  it('send the originals again, byte for byte, each where its key belongs', async () => {
    const headers = { ce_id: Buffer.from('u-1'), twice: [Buffer.from('a'), Buffer.from([0, 255])] };
    await harness
      .deadLetters()
      .send([
        letter(1, { headers }),
        letter(2, { value: null }),
        letter(3, { value: Buffer.from([0xff, 0]) }),
      ]);
    expect(await resender.send(await lettersNow())).toEqual([]);
    expect(await resender.send(await lettersNow())).toEqual([]);
    const records = await recordsNow(harness.topic);
    const of = (n: number) => records.filter(({ key }) => String(key) === `cust_${n}`);
    expect(of(1).map(({ value }) => String(value))).toEqual(['value 1', 'value 1']);
    expect({ ...of(1)[0]?.headers }).toEqual(headers);
    expect(of(2).map(({ value }) => value)).toEqual([null, null]);
    expect(of(3).map(({ value }) => value)).toEqual([Buffer.from([0xff, 0]), Buffer.from([0xff, 0])]);
    for (const n of [1, 2, 3]) expect(new Set(of(n).map(({ partition }) => partition)).size).toBe(1);
  });

  it('send the others when the usage topic does not take one because of its size', async () => {
    await limitMessages(harness.topic, 50_000);
    const large = letter(2, { value: Buffer.alloc(200_000, 'x') });
    await harness.deadLetters().send([letter(1), large, letter(3)]);
    const refused = await resender.send(await lettersNow());
    expect(refused.map(({ origin }) => origin)).toEqual([large.origin]);
    const values = (await recordsNow(harness.topic)).map(({ value }) => String(value));
    // Twice where their partition took them when another refused the large one.
    expect([...new Set(values)].sort()).toEqual(['value 1', 'value 3']);
  });
});
