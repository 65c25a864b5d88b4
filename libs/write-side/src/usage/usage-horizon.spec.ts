import { beforeEach, describe, expect, it } from '@jest/globals';
import { instant, instantFromMs } from '#domain';
import { ReadStoreUnavailable, type PartitionHorizon, type ReadStore } from '#read-store';
import { openMemoryReadStore } from '#read-store/testing';
import { UsageHorizon } from './usage-horizon.js';

const NOW = instant('2026-03-01T00:00:00.000Z');
const NOTHING_KNOWN = instantFromMs(0);

describe('the usage horizon', () => {
  let readStore: ReadStore;
  let published: (readonly PartitionHorizon[])[];
  let partitions: string[];
  let horizon: UsageHorizon;
  beforeEach(() => {
    const store = openMemoryReadStore();
    published = [];
    readStore = {
      ...store,
      publishHorizons: (horizons) => {
        published.push(horizons);
        return store.publishHorizons(horizons);
      },
    };
    partitions = ['usage/0', 'usage/1'];
    horizon = UsageHorizon.overPartitions(readStore, () => Promise.resolve(partitions));
  });

  const told = (partition: number, at: string) => ({
    topic: 'usage',
    partition,
    consumedThroughMs: Date.parse(at),
    lag: 0,
  });

  it('is the least of all partitions, whoever reported on them', async () => {
    await horizon.exchange([told(0, '2026-02-02T00:00:00Z')]);
    expect(horizon.consumedThrough(NOW)).toBe(NOTHING_KNOWN);
    const other = UsageHorizon.overPartitions(readStore, () => Promise.resolve(partitions));
    await other.exchange([told(1, '2026-02-01T00:00:00Z')]);
    expect(other.consumedThrough(NOW)).toBe('2026-02-01T00:00:00.000Z');
    await horizon.exchange([]);
    expect(horizon.consumedThrough(NOW)).toBe('2026-02-01T00:00:00.000Z');
  });

  it('never goes back, whatever a partition reports', async () => {
    partitions = ['usage/0'];
    await horizon.exchange([told(0, '2026-02-02T00:00:00Z')]);
    await horizon.exchange([told(0, '2026-01-01T00:00:00Z')]);
    expect(horizon.consumedThrough(NOW)).toBe('2026-02-02T00:00:00.000Z');
  });

  it('tells readers of partitions that nobody has reported on, together with the first report of others', async () => {
    await horizon.exchange([told(0, '2026-02-02T00:00:00Z')]);
    expect(published).toHaveLength(1);
    expect(await readStore.horizons()).toEqual([
      { partition: 'usage/0', consumedThrough: '2026-02-02T00:00:00.000Z' },
      { partition: 'usage/1', consumedThrough: NOTHING_KNOWN },
    ]);
    partitions = ['usage/0', 'usage/1', 'usage/2'];
    await horizon.exchange([]);
    expect(await readStore.horizons()).toContainEqual({
      partition: 'usage/2',
      consumedThrough: NOTHING_KNOWN,
    });
    published.length = 0;
    await horizon.exchange([]);
    expect(published).toEqual([]);
  });

  it('stays where it was while the read store is away', async () => {
    partitions = ['usage/0'];
    await horizon.exchange([told(0, '2026-02-02T00:00:00Z')]);
    readStore.horizons = () => Promise.reject(new ReadStoreUnavailable('gone'));
    await expect(horizon.exchange([])).rejects.toThrow('gone');
    expect(horizon.consumedThrough(NOW)).toBe('2026-02-02T00:00:00.000Z');
  });
});
