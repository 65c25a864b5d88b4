import { expect, it } from '@jest/globals';
import type { EventStore } from '#event-store';
import { openMemoryEventStore } from '#event-store/testing';
import { LiveCatalog } from '#journal';
import { TestLedger } from '../testing/test-ledger.js';
import { catalogFor } from './known-catalog.js';

it('a catalog that has got old keeps no read waiting while the event store does not answer', async () => {
  const store = openMemoryEventStore();
  const ledger = await new TestLedger(store).withBasicPlan();
  await ledger.subscribe('ann');
  let hangs = false;
  const hanging: EventStore = {
    ...store,
    async *readStream(stream, options) {
      if (hangs) await new Promise(() => undefined);
      yield* store.readStream(stream, options);
    },
  };
  let nowMs = 0;
  const catalog = new LiveCatalog(hanging, () => nowMs);
  const known = await catalogFor(ledger.state('ann'), catalog);
  expect(known).toEqual(ledger.catalog.current);
  hangs = true;
  nowMs = 60_000;
  expect(await catalogFor(ledger.state('ann'), catalog)).toBe(known);
});
