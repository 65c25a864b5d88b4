import { beforeEach, describe, expect, it } from '@jest/globals';
import { decodeCatalogEvent } from '#contracts';
import { Amount, findPlan, type CatalogEvent } from '#domain';
import { openMemoryEventStore } from '#event-store/testing';
import type { EventStore } from '#event-store';
import { CATALOG_STREAM, EMPTY_STREAM, seal } from '#journal';
import { TestLedger } from '../testing/test-ledger.js';
import type { Finding } from './finding.js';
import { verifyCatalog } from './verify-catalog.js';

describe('verifying the catalog', () => {
  let eventStore: EventStore;
  let events: CatalogEvent[];

  beforeEach(async () => {
    eventStore = openMemoryEventStore();
    await new TestLedger(eventStore).withBasicPlan();
    events = [];
    for await (const batch of eventStore.readStream(CATALOG_STREAM)) {
      for (const { type, data } of batch) events.push(decodeCatalogEvent(type, data));
    }
  });

  /** What is found in a catalog of these events, with a chain that is whole. */
  async function findings(of: readonly CatalogEvent[]): Promise<readonly Finding[]> {
    const forged = openMemoryEventStore();
    await forged.append(CATALOG_STREAM, -1, seal(CATALOG_STREAM, EMPTY_STREAM, of).sealed);
    return (await verifyCatalog(forged)).findings;
  }

  function another<T extends CatalogEvent['type']>(type: T): Extract<CatalogEvent, { type: T }> {
    const event = events.find((each) => each.type === type) as Extract<CatalogEvent, { type: T }>;
    return { ...event, cause: { ...event.cause, key: 'another' } };
  }

  it('finds nothing in one that the ledger itself wrote, and folds it', async () => {
    const { findings: found, events: count, catalog } = await verifyCatalog(eventStore);
    expect(found).toEqual([]);
    expect(count).toBe(3);
    expect(catalog && findPlan(catalog, 'basic', 1)?.name).toBe('Basic');
  });

  it('finds a version that was published a second time with other terms', async () => {
    const published = another('PlanPublished');
    const features = published.features.map((each) => ({ ...each, creditCost: Amount.parse('0.1') }));
    expect(await findings([...events, { ...published, features }])).toEqual([
      { revision: 3, check: 'catalog', message: 'plan basic: version 1 follows version 1' },
      {
        revision: 3,
        check: 'catalog',
        message: 'plan basic: version 1 says something else than the draft before it',
      },
    ]);
  });

  it('finds a first version that is not 1, and one that no draft stands before', async () => {
    const [defined, draft, published] = events;
    if (!defined || !draft || published?.type !== 'PlanPublished') throw new Error('another catalog');
    expect(await findings([defined, draft, { ...published, version: 7 }])).toEqual([
      { revision: 2, check: 'catalog', message: 'plan basic: version 7 follows no version' },
    ]);
    expect(await findings([defined, published])).toEqual([
      { revision: 1, check: 'catalog', message: 'plan basic: version 1 was published without a draft' },
    ]);
  });

  it('finds that its first event is missing, though the chain was made whole again', async () => {
    expect(await findings(events.slice(1))).toEqual([
      { revision: 0, check: 'catalog', message: 'credit system credits was never defined' },
      { revision: 1, check: 'catalog', message: 'credit system credits was never defined' },
    ]);
  });

  it('finds a change of what is not there, a second definition, and a command that was answered twice', async () => {
    const defined = another('CreditSystemDefined');
    const renamed: CatalogEvent = {
      type: 'CreditSystemRenamed',
      creditSystem: 'tokens',
      name: 'New',
      formerName: 'Old',
      cause: defined.cause,
      occurredAt: defined.occurredAt,
      recordedAt: defined.recordedAt,
    };
    expect((await findings([...events, defined, renamed])).map(({ message }) => message)).toEqual([
      'credit system credits was defined before',
      'command another was answered before',
      'credit system tokens was never defined',
    ]);
  });
});
