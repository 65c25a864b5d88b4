import { describe, expect, it } from '@jest/globals';
import { EventStoreUnavailable, type EventStore } from '#event-store';
import { accountStream, readAccount } from '#journal';
import type { Logger } from '#platform';
import { ReadStoreUnavailable, type ReadStore } from '#read-store';
import { ledgerFixture, subscribe, type Fixture } from '../testing/fixture.js';

const customer = 'cust_42';
const HOUR_MS = 3_600_000;
const MONTH_MS = 31 * 24 * HOUR_MS;

async function typesOf({ eventStore }: Fixture): Promise<string[]> {
  const types: string[] = [];
  for await (const batch of readAccount(eventStore, customer))
    types.push(...batch.map(({ event }) => event.type));
  return types;
}

describe('the scheduler', () => {
  it('records renewal and expiry on time with no usage at all', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    await fixture.project();
    expect(await side.scheduler.sweep()).toBe(0);

    fixture.clock.advance(MONTH_MS);
    expect(await side.scheduler.sweep()).toBe(1);
    await fixture.project();
    // The old allowance is kept aside for an hour of late usage.
    expect(await typesOf(fixture)).toEqual(['SubscriptionStarted', 'CreditsGranted', 'CreditsGranted']);

    fixture.clock.advance(HOUR_MS);
    expect(await side.scheduler.sweep()).toBe(1);
    expect((await typesOf(fixture)).at(-1)).toBe('CreditsExpired');
  });

  it('changes nothing when it runs twice, or on two machines at once', async () => {
    const fixture = await ledgerFixture();
    const [one, two] = [fixture.process(), fixture.process()];
    await subscribe(one, customer);
    await fixture.project();
    fixture.clock.advance(MONTH_MS + HOUR_MS);
    await Promise.all([one.scheduler.sweep(), two.scheduler.sweep(), one.scheduler.sweep()]);
    await two.scheduler.sweep();
    expect(await typesOf(fixture)).toEqual([
      'SubscriptionStarted',
      'CreditsGranted',
      'CreditsExpired',
      'CreditsGranted',
    ]);
  });

  it('catches up period by period after a long downtime', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    await fixture.project();
    fixture.clock.advance(12 * MONTH_MS);
    await side.scheduler.sweep();
    const types = await typesOf(fixture);
    expect(types.filter((type) => type === 'CreditsGranted')).toHaveLength(13);
    expect(types.filter((type) => type === 'CreditsExpired')).toHaveLength(12);
  });

  it('tells once what keeps it from sweeping, and that it sweeps again', async () => {
    const fixture = await ledgerFixture();
    const lines: string[] = [];
    const logger = {
      warn: (_: object, text: string) => lines.push(`warn ${text}`),
      info: (text: string) => lines.push(`info ${text}`),
    } as unknown as Logger;
    let failures = 3;
    const readStore: ReadStore = {
      ...fixture.readStore,
      due: (query) =>
        failures-- > 0 ? Promise.reject(new ReadStoreUnavailable('refused')) : fixture.readStore.due(query),
    };
    const { scheduler } = fixture.process({ readStore, logger });
    scheduler.start(1);
    while (lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    await scheduler.stop();
    expect(lines).toEqual([
      'warn the sweep of due accounts failed; it is tried again',
      'info due accounts are swept again',
    ]);
  });

  it('tells of accounts that do not settle in one line, however many they are', async () => {
    const fixture = await ledgerFixture();
    const customers = ['a', 'b', 'c'];
    const well = fixture.process();
    for (const each of customers) await subscribe(well, each);
    await fixture.project();
    fixture.clock.advance(MONTH_MS);
    const told: object[] = [];
    const logger = { warn: (fields: object) => told.push(fields) } as unknown as Logger;
    const eventStore: EventStore = {
      ...fixture.eventStore,
      append: () => Promise.reject(new EventStoreUnavailable('refused')),
    };
    await fixture.process({ eventStore, logger }).scheduler.sweep();
    expect(told).toMatchObject([{ customerIds: ['a', 'b', 'c'], accounts: 3 }]);
  });

  describe('after an account that did not settle', () => {
    /** A scheduler that could not settle one account, and told so; `b` is due ten minutes later. */
    async function afterFailure() {
      const fixture = await ledgerFixture();
      const well = fixture.process();
      await subscribe(well, customer);
      fixture.clock.advance(HOUR_MS / 6);
      await subscribe(well, 'b');
      await fixture.project();
      fixture.clock.advance(MONTH_MS - HOUR_MS / 6);
      const lines: string[] = [];
      const logger = {
        warn: ({ err }: { err: unknown }, text: string) => lines.push(`${text}: ${String(err)}`),
        info: (text: string) => lines.push(text),
      } as unknown as Logger;
      const store = { refuses: true };
      const eventStore: EventStore = {
        ...fixture.eventStore,
        append: (stream, revision, events) =>
          store.refuses && stream === accountStream(customer)
            ? Promise.reject(new EventStoreUnavailable('refused'))
            : fixture.eventStore.append(stream, revision, events),
      };
      const { scheduler } = fixture.process({ eventStore, logger });
      await scheduler.sweep();
      const failed = 'settling due accounts failed; they are tried again: EventStoreUnavailable: refused';
      expect(lines).toEqual([failed]);
      return { fixture, well, scheduler, lines, store, failed };
    }

    it('says that due accounts settle again only once it has settled', async () => {
      const { fixture, scheduler, lines, store, failed } = await afterFailure();
      expect(await scheduler.sweep()).toBe(0);
      fixture.clock.advance(HOUR_MS / 6);
      expect(await scheduler.sweep()).toBe(1);
      await fixture.project();
      expect(lines).toEqual([failed]);
      store.refuses = false;
      fixture.clock.advance(HOUR_MS - HOUR_MS / 6);
      expect(await scheduler.sweep()).toBe(1);
      expect(lines).toEqual([failed, 'due accounts settle again']);
    });

    it('says so as well when somebody else has settled it', async () => {
      const { fixture, well, scheduler, lines, failed } = await afterFailure();
      await well.ledger.execute(customer, { type: 'Settle' });
      expect(await scheduler.sweep()).toBe(0);
      expect(lines).toEqual([failed]);
      await fixture.project();
      expect(await scheduler.sweep()).toBe(0);
      expect(lines).toEqual([failed, 'due accounts settle again']);
    });
  });
});
