import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { DeadLetterSink, PartitionProgress, UsageBatch, UsageConsumer, UsageMessage } from '../port.js';
import { eventually, until } from './eventually.js';
import type { ProducedMessage } from './memory.js';

export interface SuiteConsumerOptions {
  readonly onProgress?: (progress: readonly PartitionProgress[]) => void;
}

/** A dead letter as it is found afterwards. */
export interface StoredDeadLetter {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
  readonly reason: string;
  readonly detail: string;
  readonly origin: string;
}

/** One topic with three partitions, of its own for each test. */
export interface UsageStreamHarness {
  readonly topic: string;
  produce(messages: readonly ProducedMessage[]): Promise<void>;
  /** All of one group; pauses and timeouts short. */
  consumer(options?: SuiteConsumerOptions): UsageConsumer;
  /** The next offset to be consumed per partition, of those that were ever committed. */
  committed(): Promise<ReadonlyMap<number, bigint>>;
  deadLetters(): DeadLetterSink;
  readDeadLetters(count: number): Promise<readonly StoredDeadLetter[]>;
  close(): Promise<void>;
}

const numbered = (partition: number, from: number, to: number): ProducedMessage[] =>
  Array.from({ length: to - from }, (_, index) => ({ partition, value: Buffer.from(String(from + index)) }));

const lastOffset = (batch: UsageBatch): bigint | undefined => batch.messages.at(-1)?.offset;

/** Values of everything handed over, per partition, in the order in which it came. */
class Recorder {
  readonly values = new Map<number, number[]>();

  take(batch: UsageBatch): bigint | undefined {
    const values = this.of(batch.partition);
    for (const { value } of batch.messages) values.push(Number(value?.toString()));
    return lastOffset(batch);
  }

  of(partition: number): number[] {
    const values = this.values.get(partition) ?? [];
    this.values.set(partition, values);
    return values;
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

/** What every usage stream promises; the port says it in words. */
export function describeUsageStream(name: string, open: () => Promise<UsageStreamHarness>): void {
  describe(`${name} as a usage stream`, () => {
    let harness: UsageStreamHarness;
    let consumers: UsageConsumer[];

    beforeEach(async () => {
      harness = await open();
      consumers = [];
    });
    afterEach(async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await harness.close();
    });

    const consumer = (options: SuiteConsumerOptions = {}): UsageConsumer => {
      const made = harness.consumer(options);
      consumers.push(made);
      return made;
    };
    const committed = async (partition: number): Promise<bigint | undefined> =>
      (await harness.committed()).get(partition);
    const committedIs = (partition: number, offset: bigint): Promise<void> =>
      until(`offset ${offset.toString()} of partition ${partition} committed`, async () => {
        return (await committed(partition)) === offset;
      });

    it('delivers every message of a partition once and in order', async () => {
      await harness.produce([...numbered(0, 0, 300), ...numbered(1, 1000, 1200)]);
      const seen = new Recorder();
      await consumer().start((batch) => Promise.resolve(seen.take(batch)));
      await committedIs(0, 300n);
      await harness.produce(numbered(0, 300, 400));
      await committedIs(0, 400n);
      await committedIs(1, 200n);
      expect(seen.of(0)).toEqual(range(0, 400));
      expect(seen.of(1)).toEqual(range(1000, 1200));
    });

    it('hands over bytes, key, headers and time untouched', async () => {
      const key = Buffer.from([0xff, 0x00, 0xfe]);
      const value = Buffer.from([0x00, 0x80, 0xc3, 0x28]);
      const binary = Buffer.from([0xde, 0xad, 0xbe, 0xef]);
      const headers = {
        ce_id: Buffer.from('é'),
        twice: [Buffer.from('a'), Buffer.from('b')],
        constructor: binary,
      };
      const before = Date.now();
      await harness.produce([
        { partition: 0, key, value, headers },
        { partition: 0, key: null, value: null },
      ]);
      const seen: UsageMessage[] = [];
      await consumer().start((batch) => {
        seen.push(...batch.messages);
        return Promise.resolve(lastOffset(batch));
      });
      await committedIs(0, 2n);
      expect(seen[0]).toMatchObject({ offset: 0n, key, value });
      expect({ ...seen[0]?.headers }).toEqual(headers);
      expect(seen[1]).toMatchObject({ offset: 1n, key: null, value: null });
      // Broker and test share a machine here, and clocks are read in whole milliseconds.
      expect(seen[0]?.timestampMs).toBeGreaterThanOrEqual(before - 1);
    });

    it('commits nothing before the handler says what is durable', async () => {
      await harness.produce(numbered(0, 0, 10));
      let release: (() => void) | undefined;
      await consumer().start(async (batch) => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return lastOffset(batch);
      });
      const open = await eventually('the batch', () => release);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect((await committed(0)) ?? 0n).toBe(0n);
      open();
      await committedIs(0, 10n);
    });

    it('commits up to the durable offset and delivers the rest again', async () => {
      await harness.produce(numbered(0, 0, 10));
      const first: bigint[] = [];
      await consumer().start((batch) => {
        first.push(batch.messages[0]?.offset ?? -1n);
        const durable = lastOffset(batch);
        return Promise.resolve(durable !== undefined && durable > 3n && first.length === 1 ? 3n : durable);
      });
      await committedIs(0, 10n);
      expect(first.slice(0, 2)).toEqual([0n, 4n]);
    });

    it('delivers a refused batch again until it is accepted, while other partitions go on', async () => {
      await harness.produce([...numbered(0, 0, 5), ...numbered(1, 0, 5)]);
      const seen = new Recorder();
      let refusals = 0;
      let heal = false;
      const member = consumer();
      await member.start((batch) => {
        if (batch.partition === 0 && !heal) {
          refusals++;
          return Promise.reject(new Error('store away'));
        }
        return Promise.resolve(seen.take(batch));
      });
      await until('three refusals', () => refusals >= 3);
      await committedIs(1, 5n);
      await harness.produce(numbered(1, 5, 10));
      await committedIs(1, 10n);
      expect((await committed(0)) ?? 0n).toBe(0n);
      expect(member.status().stuck).toMatchObject([
        { partition: 0, offset: 0n, error: expect.stringContaining('store away') },
      ]);
      heal = true;
      await committedIs(0, 5n);
      expect(seen.of(0)).toEqual(range(0, 5));
      expect(seen.of(1)).toEqual(range(0, 10));
      await until('nothing stuck', () => member.status().stuck.length === 0);
    });

    it('delivers again when the handler makes nothing durable, and never skips', async () => {
      await harness.produce(numbered(0, 0, 5));
      const seen = new Recorder();
      let calls = 0;
      await consumer().start((batch) => Promise.resolve(++calls < 3 ? undefined : seen.take(batch)));
      await committedIs(0, 5n);
      expect(seen.of(0)).toEqual(range(0, 5));
    });

    it('treats an offset outside the batch as a refusal', async () => {
      await harness.produce(numbered(0, 0, 5));
      let calls = 0;
      await consumer().start((batch) => Promise.resolve(++calls === 1 ? 99n : lastOffset(batch)));
      await committedIs(0, 5n);
      expect(calls).toBeGreaterThanOrEqual(2);
    });

    it('runs one batch at a time per partition and partitions side by side', async () => {
      await harness.produce([0, 1, 2].flatMap((partition) => numbered(partition, 0, 20)));
      const running = new Map<number, number>();
      let together = 0;
      let overlaps = 0;
      await consumer().start(async (batch) => {
        running.set(batch.partition, (running.get(batch.partition) ?? 0) + 1);
        if ((running.get(batch.partition) ?? 0) > 1) overlaps++;
        together = Math.max(together, [...running.values()].filter((count) => count > 0).length);
        await new Promise((resolve) => setTimeout(resolve, 50));
        running.set(batch.partition, (running.get(batch.partition) ?? 1) - 1);
        return batch.messages[0]?.offset;
      });
      await Promise.all(
        [0, 1, 2].map((partition) =>
          until('progress', async () => ((await committed(partition)) ?? 0n) > 3n),
        ),
      );
      expect(overlaps).toBe(0);
      expect(together).toBeGreaterThan(1);
    });

    it('makes running batches stale when stopped, commits what they made durable, and goes on from there', async () => {
      await harness.produce(numbered(0, 0, 10));
      const first = consumer();
      let began = false;
      await first.start(async (batch) => {
        began = true;
        await until('the batch to go stale', () => batch.isStale());
        return 4n;
      });
      await until('a batch', () => began);
      await first.stop();
      expect(first.status().state).toBe('stopped');
      expect(await committed(0)).toBe(5n);
      const seen = new Recorder();
      await consumer().start((batch) => Promise.resolve(seen.take(batch)));
      await committedIs(0, 10n);
      expect(seen.of(0)).toEqual(range(5, 10));
    });

    it('loses nothing when consumers of the group come and go', async () => {
      const seen = new Set<string>();
      const handler = async (batch: UsageBatch): Promise<bigint | undefined> => {
        for (const { value } of batch.messages) seen.add(`${batch.partition}/${String(value)}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        return lastOffset(batch);
      };
      const [first, second] = [consumer(), consumer()];
      const rounds = 30;
      const producing = (async () => {
        for (let round = 0; round < rounds; round++) {
          const messages = [0, 1, 2].flatMap((partition) => numbered(partition, round * 10, round * 10 + 10));
          await harness.produce(messages);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })();
      await first.start(handler);
      await until('the first batches', () => seen.size > 0);
      await second.start(handler);
      const shared = (): boolean => {
        const [mine, other] = [first.status().assigned, second.status().assigned];
        return mine.length > 0 && other.length > 0 && mine.length + other.length === 3;
      };
      await until('partitions divided between both', shared);
      await producing;
      await first.stop();
      await until('the second to have all partitions', () => second.status().assigned.length === 3);
      for (const partition of [0, 1, 2]) await committedIs(partition, BigInt(rounds * 10));
      const expected = [0, 1, 2].flatMap((partition) =>
        range(0, rounds * 10).map((n) => `${partition}/${n}`),
      );
      expect(expected.filter((id) => !seen.has(id))).toEqual([]);
    });

    it('makes a running batch stale when its partition may go to another member', async () => {
      await harness.produce([0, 1, 2].flatMap((partition) => numbered(partition, 0, 10)));
      const stale = new Set<number>();
      const seen = new Recorder();
      let patient = true;
      const handler = async (batch: UsageBatch): Promise<bigint | undefined> => {
        if (patient) {
          await until('the batch to go stale', () => batch.isStale() || !patient);
          if (batch.isStale()) stale.add(batch.partition);
          return undefined;
        }
        return seen.take(batch);
      };
      const [first, second] = [consumer(), consumer()];
      await first.start(handler);
      await until('all partitions assigned', () => first.status().assigned.length === 3);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await second.start((batch) => Promise.resolve(seen.take(batch)));
      await until('a stale batch', () => stale.size > 0);
      patient = false;
      for (const partition of [0, 1, 2]) await committedIs(partition, 10n);
      for (const partition of [0, 1, 2]) expect(new Set(seen.of(partition))).toEqual(new Set(range(0, 10)));
    });

    it('keeps dead letters with their bytes, key and headers, and the reason', async () => {
      const message = {
        offset: 7n,
        key: Buffer.from([0xff, 0xfe]),
        value: Buffer.from([0x00, 0x80, 0x7b]),
        headers: { ce_id: Buffer.from('x'), twice: [Buffer.from('a'), Buffer.from('b')] },
        timestampMs: 0,
      };
      const origin = `${harness.topic}/1/7`;
      const letter = { message, reason: 'malformed', detail: 'data.quantity: „ü“ is no number', origin };
      const empty = { ...message, key: null, value: null, headers: {}, offset: 8n };
      await harness
        .deadLetters()
        .send([letter, { ...letter, message: empty, origin: `${harness.topic}/1/8` }]);
      const stored = await harness.readDeadLetters(2);
      const found = stored.find((one) => one.origin === origin);
      expect(found).toMatchObject({
        key: message.key,
        value: message.value,
        reason: 'malformed',
        detail: letter.detail,
      });
      expect({ ...found?.headers }).toEqual(message.headers);
      expect(stored.find((one) => one.origin.endsWith('/8'))).toMatchObject({ key: null, value: null });
    });

    it('lets idle partitions advance in time', async () => {
      await harness.produce(numbered(0, 0, 3));
      let last: readonly PartitionProgress[] = [];
      await consumer({ onProgress: (progress) => (last = progress) }).start((batch) =>
        Promise.resolve(lastOffset(batch)),
      );
      const allPast = (moment: number) => (): boolean =>
        last.length === 3 &&
        last.every(({ consumedThroughMs, lag }) => consumedThroughMs >= moment && lag === 0);
      await until('all partitions caught up', allPast(Date.now()));
      await until('time to pass in all partitions', allPast(Date.now() + 200));
    });

    it('does not advance in time past a message that is not done yet', async () => {
      let last: readonly PartitionProgress[] = [];
      let release = false;
      const member = consumer({ onProgress: (progress) => (last = progress) });
      await member.start(async (batch) => {
        await until('release', () => release || batch.isStale());
        return release ? lastOffset(batch) : undefined;
      });
      await until(
        'all partitions idle',
        () => last.length === 3 && last.every((one) => one.consumedThroughMs > 0),
      );
      await harness.produce(numbered(1, 0, 4));
      const produced = Date.now();
      const of = (partition: number): PartitionProgress | undefined =>
        last.find((one) => one.partition === partition);
      await until('the others to go on', () => (of(0)?.consumedThroughMs ?? 0) > produced + 200);
      expect(of(1)?.consumedThroughMs).toBeLessThanOrEqual(produced);
      expect(of(1)?.lag).toBe(4);
      release = true;
      await until(
        'partition 1 to follow',
        () => (of(1)?.consumedThroughMs ?? 0) > produced && of(1)?.lag === 0,
      );
    });
  });
}
