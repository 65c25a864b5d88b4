import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { instantFromMs } from '#domain';
import { KafkaEventPublisher } from '#usage-stream/kafka';
import { loadPlans, subscribeAll } from '../demo/setup.js';
import { describeWithKafka } from '../support/kafka.js';
import { connectLedger, type LedgerClient } from '../support/ledger-client.js';
import { startApp, until, type AppProcess } from '../support/process.js';

const run = promisify(execFile);
const PROGRAM = join(process.cwd(), 'dist', 'apps', 'audit', 'src', 'main.js');

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A line of `dead-letters list --format ndjson`. */
interface Letter {
  readonly origin: string;
  readonly reason: string;
  readonly key: string | null;
  readonly bytes: number | null;
  readonly excerpt: string;
}

describeWithKafka('dead letters, as an operator lists them and sends them again', (kafka) => {
  const name = `letters-${randomUUID()}`;
  const topic = `usage-${name}`;
  const early = `${name}-early`;
  const customer = `${name}-customer`;
  const cleanUp: (() => Promise<void>)[] = [];
  let app: AppProcess;
  let ledger: LedgerClient;
  let producer: KafkaEventPublisher;
  let produced = 0;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'purser-letters-'));
    cleanUp.push(() => rm(folder, { recursive: true, force: true }));
    const { brokers } = kafka();
    app = await startApp('standalone', {
      DATA_DIR: folder,
      KAFKA_BROKERS: brokers.join(','),
      USAGE_TOPIC: topic,
      CONSUMER_GROUP: name,
      USAGE_PARTITIONS: '2',
      STREAMS_OUT: 'off',
    });
    cleanUp.push(() => app.kill());
    ledger = connectLedger(app.grpcAddress);
    cleanUp.push(() => {
      ledger.close();
      return Promise.resolve();
    });
    producer = new KafkaEventPublisher({ connection: { brokers } });
    cleanUp.push(() => producer.close());
    await loadPlans(app.grpcAddress);
    await subscribe(customer);
  }, 180_000);

  afterAll(async () => {
    for (const end of cleanUp.reverse()) await end();
  }, 60_000);

  const subscribe = (customerId: string): Promise<void> =>
    subscribeAll(app.grpcAddress, [customerId], instantFromMs(Date.now()), () => undefined);

  const usage = (id: string, subject: string, quantity: string): string =>
    JSON.stringify({
      specversion: '1.0',
      id,
      source: name,
      type: 'usage.recorded',
      subject,
      time: new Date().toISOString(),
      data: { feature: 'image-generation', quantity },
    });

  async function produce(...messages: { readonly key: string; readonly value: string }[]): Promise<void> {
    await producer.publish(messages.map((message) => ({ topic, ...message })));
    await accountedFor(messages.length);
  }

  /** So many more messages than before have an outcome. */
  async function accountedFor(more: number): Promise<void> {
    produced += more;
    await until('every message has an outcome', async () => {
      const counted = await app.metric('purser_usage_events_total');
      return counted === produced || `${counted} of ${produced}`;
    });
  }

  async function audit(...args: readonly string[]): Promise<Ended> {
    const env = {
      PATH: process.env['PATH'],
      KAFKA_BROKERS: kafka().brokers.join(','),
      USAGE_TOPIC: topic,
    };
    try {
      const { stdout, stderr } = await run(process.execPath, [PROGRAM, 'dead-letters', ...args], { env });
      return { status: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
      if (typeof code !== 'number') throw error;
      return { status: code, out: stdout ?? '', err: stderr ?? '' };
    }
  }

  async function listed(...args: readonly string[]): Promise<Letter[]> {
    const { status, out, err } = await audit('list', '--format', 'ndjson', ...args);
    if (status !== 0) throw new Error(`dead-letters list ended with ${status}: ${err}`);
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Letter);
  }

  /** Units of each debit of a usage event with this id. */
  async function debitsOf(customerId: string, id: string): Promise<string[]> {
    const events = await ledger.events(customerId);
    return events.flatMap((event) =>
      event.type === 'CreditsDebited' && event.cause.kind === 'usage' && event.cause.id === id
        ? [event.usage.quantity.toString()]
        : [],
    );
  }

  const reasons = async (): Promise<string[]> => (await listed()).map(({ reason }) => reason).sort();

  it('shows what could not be processed and why, and nothing that could', async () => {
    await produce(
      { key: customer, value: usage('good', customer, '1') },
      { key: early, value: usage('early', early, '3') },
      { key: customer, value: '{"specversion":"1.0",' },
      { key: customer, value: usage('good', customer, '2') },
    );
    expect(await reasons()).toEqual(['customer-unknown', 'idempotency-key-reused', 'malformed-json']);
    const [letter, ...others] = await listed('--reason', 'customer-unknown');
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ key: early, bytes: usage('early', early, '3').length });
    expect(letter?.origin.startsWith(`${topic}/`)).toBe(true);
    expect(letter?.excerpt).toContain('"id":"early"');
    expect(await debitsOf(customer, 'good')).toEqual(['1']);
  });

  it('sends a message again once its cause is mended: it is charged then, and never a second time', async () => {
    await subscribe(early);
    expect(await debitsOf(early, 'early')).toEqual([]);
    const dry = await audit('resend', '--reason', 'customer-unknown', '--dry-run');
    expect(dry).toMatchObject({ status: 0, err: `would resend 1 messages to ${topic}\n` });
    const resend = { status: 0, err: `resent 1 messages to ${topic}\n` };
    expect(await audit('resend', '--reason', 'customer-unknown')).toMatchObject(resend);
    await accountedFor(1);
    expect(await debitsOf(early, 'early')).toEqual(['3']);
    // The letter stays where it is: sending it once more is recognised.
    expect(await audit('resend', '--reason', 'customer-unknown')).toMatchObject(resend);
    await accountedFor(1);
    expect(await debitsOf(early, 'early')).toEqual(['3']);
    expect(await app.metric('purser_usage_events_total', 'outcome="duplicate"')).toBe(1);
    expect(await reasons()).toEqual(['customer-unknown', 'idempotency-key-reused', 'malformed-json']);
  });

  it('makes a new dead letter of what fails again, and charges nothing for it', async () => {
    const [origin = ''] = (await listed('--reason', 'idempotency-key-reused')).map((letter) => letter.origin);
    expect(await audit('resend', '--origin', origin)).toMatchObject({ status: 0 });
    await accountedFor(1);
    const again = await listed('--reason', 'idempotency-key-reused');
    expect(again.map((letter) => letter.origin)).toHaveLength(2);
    expect(new Set(again.map(({ excerpt }) => excerpt)).size).toBe(1);
    expect(await debitsOf(customer, 'good')).toEqual(['1']);
  });

  it('ends with 1 for an origin that is no dead letter, and sends nothing by an oversight', async () => {
    const missing = `${topic}/0/999999`;
    expect(await audit('resend', '--origin', missing)).toMatchObject({
      status: 1,
      err: `resent 0 messages to ${topic}\nno such dead letter: ${missing}\n`,
    });
    expect(await audit('resend')).toMatchObject({ status: 2 });
    expect(await app.metric('purser_usage_events_total')).toBe(produced);
  });
});
