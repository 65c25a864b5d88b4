import { beforeEach, describe, expect, it } from '@jest/globals';
import { decideCatalog, findCreditSystem, instant, type CatalogCommand } from '#domain';
import { EventStoreUnavailable, type EventStore } from '#event-store';
import { openMemoryEventStore } from '#event-store/testing';
import { LiveCatalog } from './live-catalog.js';

const identity = (key: string) => ({ key, fingerprint: key });

describe('a catalog that is asked for within an age', () => {
  let store: EventStore;
  let writer: LiveCatalog;
  let nowMs: number;
  let reads: number;
  /** Stands before every read of the reader's store. */
  let before: () => Promise<void>;
  let reader: LiveCatalog;

  beforeEach(async () => {
    store = openMemoryEventStore();
    writer = new LiveCatalog(store);
    await decide({ type: 'DefineCreditSystem', creditSystem: 'tokens', name: 'Tokens', ...identity('1') });
    nowMs = 0;
    reads = 0;
    before = () => Promise.resolve();
    const watched: EventStore = {
      ...store,
      async *readStream(stream, options) {
        reads += 1;
        await before();
        yield* store.readStream(stream, options);
      },
    };
    reader = new LiveCatalog(watched, () => nowMs);
  });

  async function decide(command: CatalogCommand): Promise<void> {
    const decision = decideCatalog(writer.current, command, { now: instant('2026-01-01T00:00:00Z') });
    if (decision.kind !== 'decided') throw new Error(`not decided: ${JSON.stringify(decision)}`);
    await writer.append(decision.events);
  }

  const changeGrace = (lateUsageGraceMs: number) =>
    decide({
      type: 'ChangeLateUsageGrace',
      creditSystem: 'tokens',
      lateUsageGraceMs,
      ...identity(`grace ${lateUsageGraceMs}`),
    });
  const graceWithin = (maxAgeMs: number) =>
    findCreditSystem(reader.currentWithin(maxAgeMs), 'tokens')?.lateUsageGraceMs;
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('shows what somebody else changed to those who ask after it got too old', async () => {
    await reader.refresh();
    await changeGrace(5_000);
    nowMs = 2_999;
    expect(graceWithin(3_000)).toBe(3_600_000);
    await settled();
    expect(graceWithin(3_000)).toBe(3_600_000);
    expect(reads).toBe(1);
    nowMs = 3_000;
    expect(graceWithin(3_000)).toBe(3_600_000);
    await settled();
    expect(graceWithin(3_000)).toBe(5_000);
    expect(reads).toBe(2);
  });

  it('answers at once while the store does not, and asks it only once', async () => {
    await reader.refresh();
    let answer: () => void = () => undefined;
    before = () => new Promise((resolve) => (answer = resolve));
    for (nowMs = 10_000; nowMs < 100_000; nowMs += 10_000) expect(graceWithin(3_000)).toBe(3_600_000);
    await settled();
    expect(reads).toBe(2);
    answer();
    await settled();
  });

  it('asks a store that is away no more often than one that answers, and finds it when it is back', async () => {
    await reader.refresh();
    await changeGrace(7_000);
    before = () => Promise.reject(new EventStoreUnavailable('away'));
    for (nowMs = 4_000; nowMs <= 6_500; nowMs += 500) {
      expect(graceWithin(3_000)).toBe(3_600_000);
      await settled();
    }
    expect(reads).toBe(2);
    before = () => Promise.resolve();
    nowMs = 7_000;
    graceWithin(3_000);
    await settled();
    expect(graceWithin(3_000)).toBe(7_000);
  });
});
