import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { Amount, instantFromMs } from '#domain';
import type { RecordedEvent } from '#event-store';
import { DeadLetterReader, type ReadDeadLetter } from '#usage-stream/kafka';
import { loadPlans, subscribeAll } from '../demo/setup.js';
import { followTopic } from '../support/follow-topic.js';
import { hostileMessages, type GoodUsage, type HostileMessage } from '../support/hostile.js';
import { describeWithKafka } from '../support/kafka.js';
import { startApp, until, type AppProcess } from '../support/process.js';
import { seeded } from '../support/random.js';
import { storedEvents } from '../support/stored-events.js';

const MESSAGES = 10_000;
const SEED = Number(process.env['HOSTILE_SEED'] ?? 8);
const PARTITIONS = 3;
/** Credits per unit of the feature; quantities have two decimals at most, so nothing is rounded. */
const COST = '0.0001';
const RSS = 'process_resident_memory_bytes';

interface Sent extends HostileMessage {
  readonly origin: string;
}

describeWithKafka('ten thousand hostile usage messages among good ones', (kafka) => {
  const run = `hostile-${randomUUID()}`;
  const topic = `usage-${run}`;
  const customers = Array.from({ length: 25 }, (_, index) => `${run}-${index}`);
  const debtor = `${run}-debtor`;
  const cleanUp: (() => Promise<void>)[] = [];
  let folder: string;
  let ledger: AppProcess;
  let producer: Producer;
  const sent: Sent[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'purser-hostile-'));
    cleanUp.push(() => rm(folder, { recursive: true, force: true }));
    const { brokers } = kafka();
    ledger = await startApp('standalone', {
      DATA_DIR: folder,
      KAFKA_BROKERS: brokers.join(','),
      USAGE_TOPIC: topic,
      CONSUMER_GROUP: run,
      USAGE_PARTITIONS: String(PARTITIONS),
      STREAMS_OUT: 'off',
    });
    cleanUp.push(() => ledger.kill());
    const client = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
    producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    cleanUp.push(() => producer.disconnect());
    await loadPlans(ledger.grpcAddress);
    await subscribeAll(
      ledger.grpcAddress,
      [...customers, debtor],
      instantFromMs(Date.now()),
      () => undefined,
    );
  }, 180_000);

  afterAll(async () => {
    for (const end of cleanUp.reverse()) await end();
  }, 60_000);

  /** One record batch per partition at most: the broker says at which offset it begins. */
  async function send(messages: readonly HostileMessage[]): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const own = messages.filter((message) => message.partition === partition);
      if (own.length === 0) continue;
      const records = own.map(({ key, value, headers }) => ({ partition, key, value, headers }));
      const [stored] = await producer.send({ topic, acks: -1, messages: records });
      const base = BigInt(stored?.baseOffset ?? '0');
      own.forEach((message, index) => {
        sent.push({ ...message, origin: `${topic}/${partition}/${(base + BigInt(index)).toString()}` });
      });
    }
  }

  async function sendAll(messages: Iterable<HostileMessage>): Promise<void> {
    let batch: HostileMessage[] = [];
    let bytes = 0;
    for (const message of messages) {
      // What is sent together must stay below the broker's limit of a megabyte.
      const size = (message.value?.length ?? 0) + 40 * Object.keys(message.headers).length;
      if (batch.length > 0 && (bytes + size > 500_000 || batch.length >= 200)) {
        await send(batch);
        batch = [];
        bytes = 0;
      }
      batch.push(message);
      bytes += size;
    }
    await send(batch);
  }

  const accountedFor = async (): Promise<void> => {
    await until(
      'every message has an outcome',
      async () => {
        const counted = await ledger.metric('purser_usage_events_total');
        const lag = await ledger.metric('purser_consumer_lag_messages');
        return (counted >= sent.length && lag === 0) || `${counted} of ${sent.length}, lag ${lag}`;
      },
      { timeoutMs: 120_000, everyMs: 200 },
    );
  };

  it('leave the process up, its partitions moving and its memory bounded, and every message accounted for', async () => {
    const usage = { feature: 'embedding', dearFeature: 'image-generation', customers, debtor };
    const world = { run, ...usage, partitions: PARTITIONS, nowMs: Date.now() };
    const warmUp = { ...world, run: `${run}-warm`, random: seeded(SEED + 1) };
    await sendAll([...hostileMessages(warmUp, 500)].filter(({ fate }) => fate === 'debited'));
    await accountedFor();
    const rssBefore = await ledger.metric(RSS);

    let rssMost = 0;
    const sampling = setInterval(() => {
      void ledger.metric(RSS).then(
        (rss) => (rssMost = Math.max(rssMost, rss)),
        () => undefined,
      );
    }, 100);
    const began = Date.now();
    await sendAll(hostileMessages({ ...world, random: seeded(SEED) }, MESSAGES));
    await accountedFor();
    clearInterval(sampling);
    const seconds = (Date.now() - began) / 1000;

    const unsound = await (await fetch(`${ledger.httpUrl}/healthz`)).json();
    expect(unsound).toEqual({ healthy: true, parts: {} });
    expect((await fetch(`${ledger.httpUrl}/readyz`)).status).toBe(200);
    expect(rssMost).toBeLessThan(4 * rssBefore);
    // Each message once: nothing was delivered again because its partition could not go on.
    expect(await ledger.metric('purser_usage_events_total')).toBe(sent.length);
    process.stderr.write(
      `hostile usage: ${sent.length} messages in ${seconds.toFixed(1)} s, memory ${mib(rssBefore)} → ${mib(rssMost)} MiB\n`,
    );
  }, 240_000);

  it('become what they have to become, one by one', async () => {
    const letters = await deadLetters();
    const streams = await storedEvents(`sqlite:${folder}/events.db`);
    const debits = debitsOf(streams);
    const wrong: string[] = [];
    const counts = { debited: 0, duplicate: 0, notMetered: 0, deadLetter: 0, any: 0 };
    let anyDead = 0;
    for (const { what, fate, origin, usage, key, value } of sent) {
      counts[fate] += 1;
      const letter = letters.get(origin);
      if (fate === 'any') anyDead += letter ? 1 : 0;
      else if ((letter !== undefined) !== (fate === 'deadLetter')) {
        wrong.push(
          `${origin} (${what}): ${letter ? `${letter.reason}: ${letter.detail}` : 'no dead letter'}`,
        );
      }
      if (letter && !(same(letter.key, key) && same(letter.value, value))) {
        wrong.push(`${origin} (${what}): its dead letter has other bytes`);
      }
      if (usage && !isExact(usage, debits.get(identity(usage)) ?? [])) {
        wrong.push(`${origin} (${what}): ${JSON.stringify(usage)} came to something else`);
      }
    }
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(letters.size).toBe(counts.deadLetter + anyDead);
    expect(await ledger.metric('purser_usage_events_total', 'dead_letter')).toBe(letters.size);
    expect(await ledger.metric('purser_usage_events_total', 'outcome="duplicate"')).toBeGreaterThanOrEqual(
      counts.duplicate,
    );
    expect(counts.debited).toBeGreaterThan(MESSAGES / 4);
    expect(counts.deadLetter).toBeGreaterThan(MESSAGES / 4);
    process.stderr.write(
      `hostile usage: ${JSON.stringify(counts)}, ${anyDead} of the last dead-lettered; seed ${SEED}\n`,
    );
  }, 120_000);

  async function deadLetters(): Promise<Map<string, ReadDeadLetter>> {
    const expected = await ledger.metric('purser_usage_events_total', 'dead_letter');
    const follower = await followTopic(kafka().brokers, `${topic}.dead-letter`, `${run}-letters`);
    await until('all dead letters are read', () => Promise.resolve(follower.count >= expected));
    await follower.stop();
    const reader = new DeadLetterReader();
    const letters = [...follower.partitions.values()].flat().flatMap((record) => reader.read(record) ?? []);
    return new Map(letters.map((letter) => [letter.origin, letter]));
  }
});

const mib = (bytes: number): number => Math.round(bytes / 1_048_576);

const same = (a: Buffer | null, b: Buffer | null): boolean =>
  a === null || b === null ? a === b : a.equals(b);

const identity = ({ source, id }: { readonly source: string; readonly id: string }): string =>
  JSON.stringify([source, id]);

interface Debit {
  readonly customer: string;
  readonly cause: { readonly source: string; readonly id: string };
  readonly usage: { readonly quantity: string; readonly amount: string };
  readonly draws: readonly { readonly amount: string }[];
  readonly uncovered: string;
}

/** The debits in the store, by the usage event that caused them. */
function debitsOf(streams: ReadonlyMap<string, readonly RecordedEvent[]>): Map<string, Debit[]> {
  const debits = new Map<string, Debit[]>();
  for (const { stream, type, data } of [...streams.values()].flat()) {
    if (type !== 'CreditsDebited') continue;
    const event = JSON.parse(Buffer.from(data).toString()) as Omit<Debit, 'customer'>;
    const of = debits.get(identity(event.cause)) ?? [];
    of.push({ ...event, customer: stream.slice('account-'.length) });
    debits.set(identity(event.cause), of);
  }
  return debits;
}

/** Debited once, from the customer it names, quantity × cost and nothing else. */
function isExact({ customer, quantity }: GoodUsage, [debit, ...more]: readonly Debit[]): boolean {
  if (Amount.parse(quantity).isZero) return debit === undefined || more.length === 0;
  if (!debit || more.length > 0 || debit.customer !== customer) return false;
  const cents = BigInt(Math.round(Number(quantity) * 100));
  const expected = Amount.ofUnits(cents * Amount.parse(COST).units).units / 100n;
  const drawn = debit.draws.reduce((sum, { amount }) => sum + Amount.parse(amount).units, 0n);
  const { units } = Amount.parse(debit.usage.amount);
  return units === expected && drawn === expected && Amount.parse(debit.uncovered).isZero;
}
