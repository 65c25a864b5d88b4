import { describe, expect, it } from '@jest/globals';
import { openMemoryEventStore } from '#event-store/testing';
import type { AccountChange } from '#projections';
import type { ReadStore } from '#read-store';
import { openMemoryReadStore, sampleChange, sampleGrant, sampleRow, sampleState } from '#read-store/testing';
import { RowCache } from './row-cache.js';

describe('the rows in the memory of a projector', () => {
  const CUSTOMERS = Array.from({ length: 10 }, (_, n) => `c${n}`);

  /** How many of ten accounts are found in a memory for ten, each with so many grants. */
  async function remembered(grants: number): Promise<number> {
    let asked: readonly string[] = [];
    const readStore: ReadStore = {
      ...openMemoryReadStore(),
      accounts: (customerIds) => {
        asked = customerIds;
        return Promise.resolve(new Map());
      },
    };
    const rows = new RowCache(readStore, openMemoryEventStore(), CUSTOMERS.length);
    rows.keep(CUSTOMERS.map((customerId) => withGrants(customerId, grants)));
    // What was on its way has arrived.
    rows.keep([]);
    await rows.load(CUSTOMERS);
    return CUSTOMERS.length - asked.length;
  }

  function withGrants(customerId: string, count: number): AccountChange {
    const grants = Array.from({ length: count }, (_, n) => sampleGrant(`g${n}`));
    const row = sampleRow(customerId, 0, { state: sampleState(grants) });
    return sampleChange(customerId, 0, { row });
  }

  it('are as many as there is room for, fewer where they are large', async () => {
    expect(await remembered(1)).toBe(10);
    expect(await remembered(10)).toBe(10);
    expect(await remembered(59)).toBe(2);
    expect(await remembered(1_000)).toBe(0);
  });
});
