import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Amount } from '#domain';
import { EventStoreUnavailable, type EventStore, type RecordedEvent } from '#event-store';
import { openMemoryEventStore } from '#event-store/testing';
import { accountStream, ACCOUNT_STREAM_PREFIX, JournalCorrupt, openRecorded } from '#journal';
import { ReadStoreUnavailable, type ReadStore } from '#read-store';
import { openMemoryReadStore } from '#read-store/testing';
import { firstComings, LogOfStreams, type ToldEvent } from '../testing/log-of-streams.js';
import { TestLedger } from '../testing/test-ledger.js';
import { STREAMS_OUT, StreamsOut, type StreamsOutOptions } from './streams-out.js';

const TOPICS = { events: 'ledger-events', alerts: 'ledger-alerts' };
const FAST = { backoffMs: () => 1, leaseTtlMs: 60, topics: TOPICS };
const CUSTOMERS = ['a', 'b', 'c'];

describe('streams out', () => {
  let eventStore: EventStore;
  let readStore: ReadStore;
  let ledger: TestLedger;
  let log: LogOfStreams;
  let running: { stop: AbortController; done: Promise<void> }[];

  beforeEach(async () => {
    eventStore = openMemoryEventStore();
    readStore = openMemoryReadStore();
    ledger = await new TestLedger(eventStore).withBasicPlan();
    log = new LogOfStreams();
    running = [];
  });

  afterEach(async () => {
    for (const { stop } of running) stop.abort();
    await Promise.allSettled(running.map(({ done }) => done));
  });

  function start(options: Partial<StreamsOutOptions> = {}): { stop: AbortController; done: Promise<void> } {
    const stop = new AbortController();
    const done = new StreamsOut({ eventStore, readStore, publisher: log, ...FAST, ...options }).run(
      stop.signal,
    );
    done.catch(() => undefined);
    const started = { stop, done };
    running.push(started);
    return started;
  }

  /** A history of three customers in turn, each of whose streams has an order to be kept. */
  async function history(rounds = 10): Promise<void> {
    for (const customer of CUSTOMERS) await ledger.subscribe(customer);
    for (let i = 0; i < rounds; i++)
      for (const customer of CUSTOMERS) await ledger.use(customer, `u${i}`, '1');
  }

  async function recorded(): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const batch of eventStore.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX] }))
      events.push(...batch);
    return events;
  }

  async function untilPublished(store = readStore): Promise<void> {
    const end = (await recorded()).at(-1)?.position ?? 0n;
    await until(async () => ((await store.checkpoint(STREAMS_OUT)) ?? -1n) >= end);
  }

  /** Every stored event once, in the order of each customer's stream, when repeats are dropped. */
  async function expectComplete(told: readonly ToldEvent[] = log.of(TOPICS.events)): Promise<void> {
    const stored = (await recorded()).map(openRecorded);
    const first = firstComings(told);
    expect(first).toHaveLength(stored.length);
    for (const customer of CUSTOMERS) {
      const ids = first.filter((event) => event.customer === customer).map(({ id }) => id);
      expect(ids).toEqual(
        stored.filter(({ customerId }) => customerId === customer).map(({ eventId }) => eventId),
      );
    }
  }

  it('tell every event once, in the order of the log, with its id, its place, its hash and its bytes', async () => {
    start();
    await history();
    await untilPublished();
    const stored = await recorded();
    expect(log.of(TOPICS.events)).toEqual(
      stored.map((event) => ({
        id: event.id,
        customer: openRecorded(event).customerId,
        revision: event.revision,
        type: event.type,
        hash: openRecorded(event).hash,
        value: Buffer.from(event.data).toString(),
      })),
    );
    expect(log.messages[0]).toMatchObject({
      topic: 'ledger-events',
      key: 'a',
      headers: {
        ce_specversion: '1.0',
        ce_source: 'purser',
        ce_type: 'SubscriptionStarted',
        ce_subject: 'a',
        ce_time: '2026-01-01T00:00:00.000Z',
        'content-type': 'application/json',
      },
    });
  });

  it('tell an alert of the event that is worth one, with the id of that event', async () => {
    await ledger.subscribe('a');
    await ledger.use('a', 'too-much', '130');
    start();
    await untilPublished();
    const [alert, ...more] = log.of(TOPICS.alerts);
    expect(more).toEqual([]);
    const uncovered = log.of(TOPICS.events).find(({ type }) => type === 'UsageUncovered');
    expect(alert).toMatchObject({ id: uncovered?.id, customer: 'a', type: 'usageUncovered' });
    expect(JSON.parse(alert?.value ?? '')).toMatchObject({
      kind: 'usageUncovered',
      customerId: 'a',
      uncovered: '30',
      usage: { source: 'test', id: 'too-much' },
    });
  });

  it('say nothing of the catalog, and store how far they have come all the same', async () => {
    start({ idleCheckpointMs: 0 });
    await until(async () => (await readStore.checkpoint(STREAMS_OUT)) !== undefined);
    expect(log.messages).toEqual([]);
  });

  it('go on where they stopped, without a repeat', async () => {
    const first = start();
    await history(3);
    await untilPublished();
    first.stop.abort();
    await first.done;
    for (const customer of CUSTOMERS) await ledger.use(customer, 'later', '1');
    start();
    await untilPublished();
    await expectComplete();
    expect(log.of(TOPICS.events)).toHaveLength((await recorded()).length);
  });

  it('repeat a batch whose checkpoint was lost in a crash: the same events with the same ids', async () => {
    await history();
    let writes = 0;
    const crashing: ReadStore = {
      ...readStore,
      // The process dies between the broker's answer and the checkpoint.
      apply: (batch) => {
        writes += 1;
        if (writes === 2) throw new TypeError('killed');
        return readStore.apply(batch);
      },
    };
    const { done } = start({ readStore: crashing, maxBatch: 5 });
    await expect(done).rejects.toThrow('killed');
    expect(log.of(TOPICS.events)).toHaveLength(10);
    start({ maxBatch: 7 });
    await untilPublished();
    const told = log.of(TOPICS.events);
    expect(told.slice(10, 15)).toEqual(told.slice(5, 10));
    expect(told).toHaveLength((await recorded()).length + 5);
    await expectComplete();
  });

  it('read on while a batch is being published, and tell nothing of the next before its checkpoint is stored', async () => {
    await history(5);
    let batchesRead = 0;
    const watched: EventStore = {
      ...eventStore,
      subscribe: async function* (options) {
        for await (const batch of eventStore.subscribe(options)) {
          batchesRead += 1;
          yield batch;
        }
      },
    };
    const done: string[] = [];
    const noting: ReadStore = {
      ...readStore,
      apply: async (batch) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        await readStore.apply(batch);
        done.push('checkpoint');
      },
    };
    const readWhilePublishing: number[] = [];
    log.delay = async () => {
      done.push('publish');
      const before = batchesRead;
      await new Promise((resolve) => setTimeout(resolve, 5));
      readWhilePublishing.push(batchesRead - before);
    };
    start({ eventStore: watched, readStore: noting, maxBatch: 4 });
    await untilPublished();
    await until(() => done.length % 2 === 0);
    expect(readWhilePublishing[0]).toBe(1);
    expect(done).toEqual(done.map((_, index) => (index % 2 === 0 ? 'publish' : 'checkpoint')));
    await expectComplete();
  });

  it('lose nothing and keep the order when the broker is away, takes a part, or takes all and does not say so', async () => {
    await history(30);
    let batches = 0;
    log.mood = ({ length }) => {
      batches += 1;
      if (batches % 4 === 0) return { take: length, fail: false };
      return { take: [0, length, Math.floor(length / 2)][batches % 3] ?? 0, fail: true };
    };
    const unready: string[] = [];
    start({ maxBatch: 7, reports: { unready: (error) => unready.push(error.message) } });
    await untilPublished();
    expect(unready.length).toBeGreaterThan(10);
    expect(unready[0]).toMatch(/^\d+ messages were not published: the broker is away$/);
    await expectComplete();
    expect(log.of(TOPICS.events).length).toBeGreaterThan((await recorded()).length);
  });

  it('say since when the oldest event has waited while the broker is away, and that it does not any more', async () => {
    log.mood = () => ({ take: 0, fail: true });
    await history(2);
    const [oldest] = await recorded();
    const told: number[] = [];
    let waits: number | undefined;
    const reports: StreamsOutOptions['reports'] = {
      behind: (sinceMs) => told.push(sinceMs),
      progress: ({ behindSinceMs }) => (waits = behindSinceMs),
    };
    start({ behindEveryMs: 5, reports });
    await until(() => told.length > 5);
    expect(new Set(told)).toEqual(new Set([oldest?.storedAtMs]));
    log.mood = ({ length }) => ({ take: length, fail: false });
    waits = 1;
    await until(() => waits === undefined);
    await expectComplete();
  });

  it('are active only when they publish: the lease alone, try after try, does not make them so', async () => {
    log.mood = () => ({ take: 0, fail: true });
    await history(1);
    const told: string[] = [];
    start({ reports: { active: () => told.push('active'), unready: () => told.push('unready') } });
    await until(() => told.length > 5);
    expect(new Set(told)).toEqual(new Set(['unready']));
    log.mood = ({ length }) => ({ take: length, fail: false });
    await until(() => told.at(-1) === 'active');
    await expectComplete();
  });

  it('keep the order of first comings when two publish at the same time, lease or no lease', async () => {
    const careless: ReadStore = { ...readStore, acquireLease: () => Promise.resolve(true) };
    const superseded: Error[] = [];
    const reports: StreamsOutOptions['reports'] = { superseded: (error) => superseded.push(error) };
    let turn = 0;
    log.delay = () => new Promise((resolve) => setTimeout(resolve, (turn = (turn + 1) % 3)));
    start({ readStore: careless, reports, maxBatch: 3 });
    start({ readStore: careless, reports, maxBatch: 5 });
    await history(20);
    await untilPublished();
    expect(superseded.length).toBeGreaterThan(0);
    await expectComplete();
  });

  it('let one of several publish while the others wait, and the next take over', async () => {
    const standby: string[] = [];
    const active: string[] = [];
    const options = (holder: string): Partial<StreamsOutOptions> => ({
      holder,
      reports: { standby: () => standby.push(holder), active: () => active.push(holder) },
    });
    const first = start(options('first'));
    await until(() => active.length === 1);
    start(options('second'));
    await until(() => standby.includes('second'));
    await history(2);
    await untilPublished();
    first.stop.abort();
    await until(() => active.includes('second'));
    await ledger.use('a', 'later', '1');
    await untilPublished();
    await expectComplete();
    expect(log.of(TOPICS.events)).toHaveLength((await recorded()).length);
  });

  it('publish everything again when the read store was deleted, and nothing else', async () => {
    await history(3);
    const first = start();
    await untilPublished();
    first.stop.abort();
    await first.done;
    const once = log.of(TOPICS.events);
    const fresh = openMemoryReadStore();
    start({ readStore: fresh });
    await untilPublished(fresh);
    expect(log.of(TOPICS.events)).toEqual([...once, ...once]);
  });

  it('wait for stores that are away', async () => {
    let away = true;
    const flakyEvents: EventStore = {
      ...eventStore,
      subscribe: (options) => {
        if (away) throw new EventStoreUnavailable('gone');
        return eventStore.subscribe(options);
      },
    };
    let writes = 0;
    const flakyRows: ReadStore = {
      ...readStore,
      apply: async (batch) => {
        writes += 1;
        // Every other time the checkpoint was stored all the same.
        if (writes % 2 === 0) await readStore.apply(batch);
        if (writes < 6) throw new ReadStoreUnavailable('gone');
        await readStore.apply(batch);
      },
    };
    const unready: Error[] = [];
    const reports: StreamsOutOptions['reports'] = { unready: (error) => unready.push(error) };
    start({ eventStore: flakyEvents, readStore: flakyRows, maxBatch: 4, reports });
    await history(10);
    await until(() => unready.length > 1);
    away = false;
    await untilPublished();
    expect(new Set(unready.map(({ name }) => name))).toEqual(
      new Set(['EventStoreUnavailable', 'ReadStoreUnavailable']),
    );
    await expectComplete();
  });

  it('stop with a defect at an event that is not what its hash says, and tell nothing of it or beyond it', async () => {
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '1');
    await ledger.use('a', 'u2', '1');
    const forged = openMemoryEventStore();
    for await (const batch of eventStore.readStream(accountStream('a'))) {
      for (const { id, type, data, metadata, revision } of batch) {
        const more = Buffer.from(Buffer.from(data).toString().replace('"quantity":"1"', '"quantity":"9"'));
        const stored = { id, type, data: revision === 2 ? more : data, metadata };
        await forged.append(accountStream('a'), revision - 1, [stored]);
      }
    }
    const { done } = start({ eventStore: forged, maxBatch: 1 });
    await expect(done).rejects.toThrow(JournalCorrupt);
    await expect(done).rejects.toThrow(/account-a revision 2 \(CreditsDebited\): says that its hash is/);
    expect(log.of(TOPICS.events).map(({ revision }) => revision)).toEqual([0, 1]);
  });

  it('ask for the payment of a top-up by an alert that says what to pay', async () => {
    eventStore = openMemoryEventStore();
    ledger = await ledgerWithTopUps(eventStore);
    await ledger.use('a', 'most', '95');
    start();
    await untilPublished();
    const alerts = log.of(TOPICS.alerts).map(({ value }) => JSON.parse(value) as Record<string, unknown>);
    expect(alerts).toMatchObject([
      {
        kind: 'topUpRequested',
        customerId: 'a',
        creditSystem: 'credits',
        quantity: '45',
        price: { currency: 'EUR', subtotal: '90', total: '90' },
        plan: { id: 'basic', version: 1 },
      },
    ]);
  });
});

/** Customer a on a plan that sells credits at 2 EUR each, filled up to 50 below 20. */
async function ledgerWithTopUps(eventStore: EventStore): Promise<TestLedger> {
  const amount = (text: string): Amount => Amount.parse(text);
  const ledger = await new TestLedger(eventStore).withBasicPlan({
    credits: [
      {
        creditSystem: 'credits',
        included: { allowance: amount('100'), resetInterval: { unit: 'month', count: 1 } },
        priced: {
          topUp: {
            kind: 'graduated',
            currency: 'EUR',
            tiers: [{ firstUnit: Amount.zero, model: 'perUnit', unitPrice: amount('2') }],
          },
        },
      },
    ],
  });
  await ledger.subscribe('a');
  await ledger.send('a', {
    type: 'ConfigureAutoTopUp',
    creditSystem: 'credits',
    terms: {
      enabled: true,
      threshold: amount('20'),
      target: amount('50'),
      dailyCap: null,
      monthlyCap: null,
    },
  });
  return ledger;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1));
}
