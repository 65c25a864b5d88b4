import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Amount } from '#domain';
import { EventStoreUnavailable, type EventStore } from '#event-store';
import { openMemoryEventStore } from '#event-store/testing';
import { accountStream, ACCOUNT_STREAM_PREFIX } from '#journal';
import { CheckpointMoved, ReadStoreUnavailable, type ReadStore } from '#read-store';
import { dumpedReadStore, MemoryReadData, openMemoryReadStore } from '#read-store/testing';
import { TestLedger } from '../testing/test-ledger.js';
import { ACCOUNTS_PROJECTOR, Projector, type ProjectorOptions } from './projector.js';

const FAST = { backoffMs: () => 1, leaseTtlMs: 60 };

describe('the projector', () => {
  let eventStore: EventStore;
  let data: MemoryReadData;
  let readStore: ReadStore;
  let ledger: TestLedger;
  let running: { stop: AbortController; done: Promise<void> }[];

  beforeEach(async () => {
    eventStore = openMemoryEventStore();
    data = new MemoryReadData();
    readStore = openMemoryReadStore({ data });
    ledger = await new TestLedger(eventStore).withBasicPlan();
    running = [];
  });

  afterEach(async () => {
    for (const { stop } of running) stop.abort();
    await Promise.allSettled(running.map(({ done }) => done));
  });

  function start(options: Partial<ProjectorOptions> = {}): { stop: AbortController; done: Promise<void> } {
    const stop = new AbortController();
    const projector = new Projector({ eventStore, readStore, ...FAST, ...options });
    const done = projector.run(stop.signal);
    done.catch(() => undefined);
    const started = { stop, done };
    running.push(started);
    return started;
  }

  async function untilProjected(store = readStore): Promise<void> {
    let end = 0n;
    for await (const batch of eventStore.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX] })) {
      end = batch.at(-1)?.position ?? end;
    }
    await until(async () => ((await store.checkpoint(ACCOUNTS_PROJECTOR)) ?? -1n) >= end);
  }

  async function rebuilt(): Promise<readonly string[]> {
    const fresh = openMemoryReadStore();
    const stop = new AbortController();
    const done = new Projector({ eventStore, readStore: fresh, maxBatch: 3, ...FAST }).run(stop.signal);
    await untilProjected(fresh);
    stop.abort();
    await done;
    return dumpedReadStore(fresh);
  }

  it('keeps every account as its events fold, with the end of its hash chain', async () => {
    start();
    for (const customer of ['a', 'b', 'c']) await ledger.subscribe(customer);
    for (let i = 0; i < 20; i++) await ledger.use(i % 2 ? 'a' : 'b', `u${i}`, '1');
    await untilProjected();
    const rows = await readStore.accounts(['a', 'b', 'c']);
    expect(rows.get('a')?.state).toEqual(ledger.state('a'));
    expect(rows.get('b')?.revision).toBe(ledger.revision('b'));
    expect(rows.get('a')?.state.wallets['credits']?.balance.included).toEqual(Amount.parse('90'));
    expect(await dumpedReadStore(readStore)).toEqual(await rebuilt());
  });

  it('writes at once what comes alone, and together what comes soon after', async () => {
    const writes: number[] = [];
    const progress = ({ events }: { readonly events: number }): void => {
      if (events > 0) writes.push(events);
    };
    start({ restMs: 1_000, reports: { progress } });
    await ledger.subscribe('a');
    await untilProjected();
    for (let i = 0; i < 20; i++) await ledger.use('a', `u${i}`, '1');
    await untilProjected();
    expect(writes.reduce((sum, events) => sum + events, 0)).toBe(ledger.revision('a') + 1);
    expect(writes.at(-1)).toBe(20);
  });

  it('rests longer after a large batch, so that what streams in is few writes', async () => {
    const writes: number[] = [];
    const progress = ({ events }: { readonly events: number }): void => {
      if (events > 0) writes.push(events);
    };
    await ledger.subscribe('a');
    for (let i = 0; i < 200; i++) await ledger.use('a', `early ${i}`, '0.1');
    start({ restMs: 1, busyRestMs: 10_000, reports: { progress } });
    await untilProjected();
    const large = writes.length;
    for (let i = 0; i < 20; i++) {
      await ledger.use('a', `late ${i}`, '0.1');
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await untilProjected();
    expect(writes.slice(large)).toEqual([20]);
  });

  it('goes on where it stopped, and nothing is projected twice', async () => {
    const first = start();
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '1');
    await untilProjected();
    first.stop.abort();
    await first.done;
    await ledger.use('a', 'u2', '1');
    start();
    await untilProjected();
    const { rows } = await readStore.transactions({ customerId: 'a' }, 10);
    expect(rows.map(({ usageId }) => usageId)).toEqual(['u2', 'u1', null]);
  });

  it('lets one of several project while the others wait, and the next take over', async () => {
    const standby: string[] = [];
    const active: string[] = [];
    const options = (holder: string): Partial<ProjectorOptions> => ({
      holder,
      reports: { standby: () => standby.push(holder), active: () => active.push(holder) },
    });
    const first = start(options('first'));
    await until(() => active.length === 1);
    start(options('second'));
    await until(() => standby.includes('second'));
    await ledger.subscribe('a');
    await untilProjected();
    first.stop.abort();
    await until(() => active.includes('second'));
    await ledger.use('a', 'u1', '1');
    await untilProjected();
    expect(await dumpedReadStore(readStore)).toEqual(await rebuilt());
  });

  it('tells while it stands by since when the oldest event has waited for the other one', async () => {
    const told: (number | undefined)[] = [];
    const held: ReadStore = { ...readStore, acquireLease: () => Promise.resolve(false) };
    start({ readStore: held, reports: { standby: (behindSinceMs) => told.push(behindSinceMs) } });
    await until(() => told.length > 0);
    expect(new Set(told)).toEqual(new Set([undefined]));
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '1');
    let oldest: number | undefined;
    for await (const [first] of eventStore.readStream(accountStream('a'))) oldest ??= first?.storedAtMs;
    await until(() => told.at(-1) === oldest);
    start({ holder: 'the other one' });
    await untilProjected();
    await until(() => told.at(-1) === undefined);
  });

  it('stays exactly once when two project at the same time, lease or no lease', async () => {
    const careless: ReadStore = { ...readStore, acquireLease: () => Promise.resolve(true) };
    const superseded: Error[] = [];
    const reports = { superseded: (error: Error) => superseded.push(error) };
    start({ readStore: careless, reports });
    start({ readStore: careless, reports });
    await ledger.subscribe('a');
    for (let i = 0; i < 50; i++) {
      await ledger.use('a', `u${i}`, '1');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await untilProjected();
    expect(superseded.length).toBeGreaterThan(0);
    expect(superseded[0]).toBeInstanceOf(CheckpointMoved);
    expect(await dumpedReadStore(readStore)).toEqual(await rebuilt());
  });

  it('waits for a store that is away, even in the middle of a write, and says so', async () => {
    const unready: Error[] = [];
    let failures = 0;
    const flaky: ReadStore = {
      ...readStore,
      apply: async (batch) => {
        failures += 1;
        // Every other time the write happened all the same: its outcome is unknown to the caller.
        if (failures % 2 === 0) await readStore.apply(batch);
        if (failures < 6) throw new ReadStoreUnavailable('gone');
        await readStore.apply(batch);
      },
    };
    start({ readStore: flaky, maxBatch: 2, reports: { unready: (error) => unready.push(error) } });
    await ledger.subscribe('a');
    for (let i = 0; i < 10; i++) await ledger.use('a', `u${i}`, '1');
    await untilProjected();
    expect(unready.map(({ name }) => name)).toContain('ReadStoreUnavailable');
    expect(await dumpedReadStore(readStore)).toEqual(await rebuilt());
  });

  it('waits for an event store that is away', async () => {
    let away = true;
    const flaky: EventStore = {
      ...eventStore,
      subscribe: (options) => {
        if (away) throw new EventStoreUnavailable('gone');
        return eventStore.subscribe(options);
      },
    };
    const unready: Error[] = [];
    start({ eventStore: flaky, reports: { unready: (error) => unready.push(error) } });
    await ledger.subscribe('a');
    await until(() => unready.length > 1);
    away = false;
    await untilProjected();
    expect((await readStore.accounts(['a'])).get('a')?.revision).toBe(ledger.revision('a'));
  });

  it('says since when the oldest event has waited while a write hangs, and that it does not any more', async () => {
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '1');
    let oldest: number | undefined;
    for await (const [first] of eventStore.readStream(accountStream('a'))) oldest ??= first?.storedAtMs;
    let release = (): void => undefined;
    const locked = new Promise<void>((resolve) => (release = resolve));
    const hanging: ReadStore = {
      ...readStore,
      apply: async (batch) => {
        await locked;
        await readStore.apply(batch);
      },
    };
    const told: number[] = [];
    const active: number[] = [];
    let waits: number | undefined = 1;
    start({
      readStore: hanging,
      behindEveryMs: 5,
      reports: {
        active: () => active.push(1),
        behind: (sinceMs) => told.push(sinceMs),
        progress: ({ behindSinceMs }) => (waits = behindSinceMs),
      },
    });
    await until(() => told.length > 3);
    expect(new Set(told)).toEqual(new Set([oldest]));
    expect(active).toEqual([]);
    release();
    await until(() => waits === undefined);
    expect(active).toEqual([1]);
  });

  it('is active only when it projects: the lease alone, try after try, does not make it so', async () => {
    await ledger.subscribe('a');
    let away = true;
    const flaky: ReadStore = {
      ...readStore,
      apply: (batch) => {
        if (away) throw new ReadStoreUnavailable('gone');
        return readStore.apply(batch);
      },
    };
    const told: string[] = [];
    start({
      readStore: flaky,
      reports: { active: () => told.push('active'), unready: () => told.push('unready') },
    });
    await until(() => told.length > 5);
    expect(new Set(told)).toEqual(new Set(['unready']));
    away = false;
    await until(() => told.at(-1) === 'active');
  });

  it('stops with a defect at an event whose chain is broken, and projects nothing beyond it', async () => {
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '1');
    const forged = openMemoryEventStore();
    const stream = accountStream('a');
    for await (const batch of eventStore.readStream(stream)) {
      for (const { id, type, data, metadata, revision } of batch) {
        const lie = Buffer.from(
          Buffer.from(metadata)
            .toString()
            .replace(/"previous":"./, '"previous":"f'),
        );
        await forged.append(stream, revision - 1, [
          { id, type, data, metadata: revision === 2 ? lie : metadata },
        ]);
      }
    }
    const { done } = start({ eventStore: forged, maxBatch: 1 });
    await expect(done).rejects.toThrow(/account a: the event at revision 2 follows hash f/);
    expect((await readStore.accounts(['a'])).get('a')?.revision).toBe(1);
  });

  it('folds an account anew whose row is of another version of the state', async () => {
    await ledger.subscribe('a');
    await ledger.use('a', 'u1', '1');
    const first = start();
    await untilProjected();
    first.stop.abort();
    await first.done;
    await ledger.use('a', 'u2', '1');
    const newer = openMemoryReadStore({ data, stateVersion: 99 });
    start({ readStore: newer });
    await untilProjected(newer);
    expect((await newer.accounts(['a'])).get('a')?.state).toEqual(ledger.state('a'));
    expect((await newer.transactions({ customerId: 'a' }, 10)).rows).toHaveLength(3);
  });

  it('keeps the grants that closed before the version of the state changed, each as it closed last', async () => {
    await ledger.subscribe('a');
    await ledger.grant('a', '5', '2026-01-20T00:00:00Z');
    await ledger.use('a', 'u1', '5');
    await ledger.use('a', 'u2', '100');
    // Reopened before the version changes, and closed again by the first event after it.
    await ledger.send('a', { type: 'ReverseDebit', usage: { source: 'test', id: 'u2' }, reason: 'mistake' });
    const first = start();
    await untilProjected();
    first.stop.abort();
    await first.done;
    await ledger.use('a', 'u3', '100');
    const newer = openMemoryReadStore({ data, stateVersion: 99 });
    const written: (readonly string[])[] = [];
    const apply: ReadStore['apply'] = (batch) => {
      for (const { closedGrants } of batch.changes)
        written.push(closedGrants.map(({ grant }) => grant.grantId));
      return newer.apply(batch);
    };
    start({ readStore: { ...newer, apply } });
    await untilProjected(newer);
    const { rows, projectedThrough } = await newer.closedGrants('a');
    expect(projectedThrough).toBe(ledger.revision('a'));
    expect(rows.map(({ grant }) => grant.consumed.toString()).sort()).toEqual(['100', '5']);
    expect(await dumpedReadStore(newer)).toEqual(await rebuilt());
    // Each once: a statement of PostgreSQL cannot write a row twice.
    expect(written.map((ids) => ids.toSorted())).toEqual([rows.map(({ grant }) => grant.grantId)]);
  });

  describe('of a store with rows of another version', () => {
    let newer: ReadStore;
    let looks: (string | undefined)[];
    beforeEach(() => {
      looks = [];
      const store = openMemoryReadStore({ data, stateVersion: 99 });
      const outdated: ReadStore['outdated'] = (after, limit) => {
        looks.push(after);
        return store.outdated(after, limit);
      };
      newer = { ...store, outdated };
    });

    async function projectedByTheFormer(): Promise<void> {
      const former = start();
      await untilProjected();
      former.stop.abort();
      await former.done;
    }

    const versions = async () => (await newer.outdated(undefined, 1_000)).accounts;

    it('writes those of quiet accounts anew once nothing waits, with the grants that closed', async () => {
      for (const customer of ['a', 'b', 'c']) await ledger.subscribe(customer);
      await ledger.grant('a', '5', '2026-01-20T00:00:00Z');
      await ledger.use('a', 'u1', '105');
      await ledger.send('a', {
        type: 'ReverseDebit',
        usage: { source: 'test', id: 'u1' },
        reason: 'mistake',
      });
      await ledger.use('a', 'u2', '105');
      await projectedByTheFormer();
      await ledger.use('b', 'late', '1');
      start({ readStore: newer });
      await until(async () => (await newer.accounts(['a', 'b', 'c'])).size === 3);
      expect((await newer.accounts(['a'])).get('a')?.revision).toBe(ledger.revision('a'));
      expect((await newer.closedGrants('a')).rows).toHaveLength(2);
      await ledger.use('c', 'later', '1');
      await untilProjected(newer);
      expect(await dumpedReadStore(newer)).toEqual(await rebuilt());
      // Nothing is looked for any more.
      const before = looks.length;
      await ledger.use('c', 'last', '1');
      await untilProjected(newer);
      expect(looks).toHaveLength(before);
    });

    it('goes on projecting between a few of them and the next', async () => {
      const customers = Array.from({ length: 5 }, (_, n) => `c${n}`);
      for (const customer of customers) await ledger.subscribe(customer);
      await projectedByTheFormer();
      const slow: ReadStore = {
        ...newer,
        outdated: async (after) => {
          const page = await newer.outdated(after, 1);
          // As long as a large account takes: one of them at a time.
          await new Promise((resolve) => setTimeout(resolve, 210));
          return page;
        },
      };
      let projected = 0;
      start({ readStore: slow, reports: { progress: ({ events }) => (projected += events) } });
      await until(() => looks.length === 2);
      await ledger.use('c4', 'u1', '1');
      await until(() => projected === 1);
      expect((await versions()).length).toBeGreaterThan(0);
      await until(async () => (await versions()).length === 0);
      expect(await dumpedReadStore(newer)).toEqual(await rebuilt());
    });

    it('leaves one as it is whose stream is damaged: the others are not to suffer', async () => {
      for (const customer of ['a', 'b']) await ledger.subscribe(customer);
      await projectedByTheFormer();
      const damaged: EventStore = {
        ...eventStore,
        readStream: async function* (stream, options) {
          for await (const batch of eventStore.readStream(stream, options)) {
            yield stream === accountStream('a')
              ? batch.map((event) => ({ ...event, type: 'Nonsense' }))
              : batch;
          }
        },
      };
      start({ eventStore: damaged, readStore: newer });
      await until(async () => (await newer.accounts(['b'])).size === 1);
      await ledger.use('b', 'u1', '1');
      await untilProjected(newer);
      expect((await versions()).map(({ customerId }) => customerId)).toEqual(['a']);
    });
  });

  it('works with fewer rows in memory than a batch has accounts', async () => {
    start({ cacheSize: 1, maxBatch: 4 });
    for (let round = 0; round < 5; round++) {
      for (const customer of ['a', 'b', 'c', 'd', 'e']) {
        if (round === 0) await ledger.subscribe(customer);
        await ledger.use(customer, `u${round}`, '1');
      }
    }
    await untilProjected();
    expect(await dumpedReadStore(readStore)).toEqual(await rebuilt());
  });

  it('tells how far it has come', async () => {
    const told: { events: number; caughtUp: boolean; checkpoint: bigint }[] = [];
    start({ reports: { progress: (progress) => told.push(progress) } });
    await ledger.subscribe('a');
    await untilProjected();
    await until(() => told.at(-1)?.caughtUp === true);
    expect(told.reduce((sum, { events }) => sum + events, 0)).toBe(ledger.revision('a') + 1);
    expect(told.at(-1)?.checkpoint).toBe(await readStore.checkpoint(ACCOUNTS_PROJECTOR));
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1));
}
