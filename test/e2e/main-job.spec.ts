import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instantFromMs } from '#domain';
import { startLoopback } from '#event-store/testing/loopback';
import { DeadLetterReader } from '#usage-stream/kafka';
import { dayOfUsage, type Day } from '../demo/day.js';
import { playOverKafka } from '../demo/play.js';
import { expectedCosts, prove } from '../demo/prove.js';
import { CREDIT_SYSTEM, loadPlans, subscribeAll } from '../demo/setup.js';
import { describeWithKafka } from '../support/kafka.js';
import { acquirePostgres } from '../support/postgres.js';
import { startApp, until, type AppProcess } from '../support/process.js';
import { readTopic } from '../support/topic.js';

interface Stores {
  readonly eventStoreUrl: string;
  readonly readStoreUrl: string;
  release(): Promise<void>;
}

const setups: Record<string, () => Promise<Stores>> = {
  'SQLite event store and SQLite read store': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'purser-e2e-'));
    return {
      eventStoreUrl: `sqlite:${folder}/events.db`,
      readStoreUrl: `sqlite:${folder}/read.db`,
      release: () => rm(folder, { recursive: true, force: true }),
    };
  },
  'EventStoreDB adapter and PostgreSQL read store': async () => {
    const server = await startLoopback();
    const postgres = await acquirePostgres();
    return {
      eventStoreUrl: process.env['EVENT_STORE_URL'] ?? server.url,
      readStoreUrl: await postgres.createDatabase(),
      release: async () => {
        await server.stop();
        await postgres.release();
      },
    };
  },
};

describeWithKafka(
  'a day of usage through a real Kafka, with ledger and query as processes of their own',
  (kafka) => {
    describe.each(Object.keys(setups))('%s', (setup) => {
      const run = `e2e${Date.now().toString(36)}`;
      const topic = `usage-${run}-${Object.keys(setups).indexOf(setup)}`;
      const cleanUp: (() => Promise<void>)[] = [];
      let ledger: AppProcess;
      let query: AppProcess;
      let day: Day;

      beforeAll(async () => {
        const stores = await (setups[setup] ?? missing)();
        cleanUp.push(() => stores.release());
        const environment = {
          EVENT_STORE_URL: stores.eventStoreUrl,
          READ_STORE_URL: stores.readStoreUrl,
          KAFKA_BROKERS: kafka().brokers.join(','),
          USAGE_TOPIC: topic,
          CONSUMER_GROUP: topic,
          USAGE_PARTITIONS: '4',
        };
        // The read store's schema is made by whoever comes first: both at once must do.
        [ledger, query] = await Promise.all([
          startApp('ledger', environment),
          startApp('query', environment),
        ]);
        cleanUp.push(
          () => ledger.kill(),
          () => query.kill(),
        );
        const now = instantFromMs(Date.now() - 60_000);
        day = dayOfUsage({ seed: 7, run, until: now, customers: 100, usages: 4_000 });
      }, 180_000);

      afterAll(async () => {
        for (const end of cleanUp.reverse()) await end();
      }, 60_000);

      it('debits every event once, keeps what it cannot process, and adds up exactly', async () => {
        const { terms, scale } = await loadPlans(ledger.grpcAddress);
        await subscribeAll(ledger.grpcAddress, day.customers, instantFromMs(Date.now()), () => undefined);
        await playOverKafka(kafka().brokers, topic, day.deliveries, () => undefined);
        await until('every message has an outcome', async () => {
          const counted = await ledger.metric('purser_usage_events_total');
          return counted >= day.deliveries.length || `${counted} of ${day.deliveries.length}`;
        });
        await until(
          'the consumer is caught up',
          async () => (await ledger.metric('purser_consumer_lag_messages')) === 0,
        );
        const expected = expectedCosts(day.deliveries, terms, scale);
        await until('the projector is caught up', async () => {
          const books = await prove(query.grpcAddress, CREDIT_SYSTEM, expected, () => undefined);
          return books.faults.length === 0 || (books.faults[0] ?? '');
        });
        const books = await prove(query.grpcAddress, CREDIT_SYSTEM, expected, () => undefined);
        expect(books.faults).toEqual([]);
        expect(books.accounts).toBe(expected.size);
        expect(books.consumed.isPositive).toBe(true);
      }, 180_000);

      it('keeps each refused message in the dead-letter topic: its bytes, its key, and why', async () => {
        const refused = day.deliveries.filter(({ expected }) => expected === 'refused');
        const reader = new DeadLetterReader();
        const records = await readTopic(kafka().brokers, `${topic}.dead-letter`, refused.length);
        const letters = records.flatMap((record) => reader.read(record) ?? []);
        expect(letters).toHaveLength(refused.length);
        for (const letter of letters) {
          expect(letter.reason).toMatch(
            /^(malformed-|negative-quantity|customer-unknown|idempotency-key-reused|time-in-future)/,
          );
          expect(letter.origin).toMatch(new RegExp(`^${topic}/\\d+/\\d+$`));
          expect(letter.detail).not.toBe('');
        }
      }, 60_000);

      it('stops on SIGTERM with status 0, its work finished', async () => {
        expect([await ledger.stop(), await query.stop()]).toEqual([0, 0]);
      }, 60_000);
    });
  },
);

function missing(): never {
  throw new Error('no such setup');
}
