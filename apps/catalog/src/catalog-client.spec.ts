import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EventStoreUnavailable, type EventStore } from '#event-store';
import { openMemoryEventStore } from '#event-store/testing';
import { CallFailed, connectCatalog, ServiceAway, type CatalogClient } from './catalog-client.js';
import { freePort, startService, type RunningService } from './testing/running-service.js';

// Each test starts a service of its own; on a busy machine that takes a while.
jest.setTimeout(60_000);

let service: RunningService | undefined;
let client: CatalogClient | undefined;

afterEach(async () => {
  client?.close();
  await service?.stop();
  service = undefined;
});

async function connectTo(eventStore: EventStore): Promise<CatalogClient> {
  service = await startService(eventStore);
  client = connectCatalog(service.address);
  return client;
}

const definition = {
  idempotencyKey: 'k',
  key: 'tokens',
  name: 'Tokens',
  unitSingular: '',
  unitPlural: '',
  actor: '',
};

describe('a client of the catalog', () => {
  it('sends a command again, with the same key, while the store behind the service is away', async () => {
    const store = openMemoryEventStore();
    const append = store.append.bind(store);
    let lost = 0;
    store.append = async (...args) => {
      const appended = await append(...args);
      if (++lost > 2) return appended;
      // The worst time to fail: the events are there, and nobody was told.
      throw new EventStoreUnavailable('the answer was lost');
    };
    const catalog = await connectTo(store);
    const { creditSystem } = await catalog.defineCreditSystem(definition);
    expect(creditSystem?.key).toBe('tokens');
    expect((await catalog.listCreditSystems({})).creditSystems).toHaveLength(1);
  });

  it('gives up in the end, and says what is away', async () => {
    const store = openMemoryEventStore();
    const catalog = await connectTo(store);
    await store.close();
    await expect(catalog.listCreditSystems({})).rejects.toThrow(/EVENT_STORE_UNAVAILABLE/);
  });

  it('tells a refusal with its reason, at once', async () => {
    const catalog = await connectTo(openMemoryEventStore());
    const refused = catalog.publishPlan({ idempotencyKey: 'p', planId: 'none', actor: '' });
    await expect(refused).rejects.toThrow(CallFailed);
    await expect(refused).rejects.toThrow(/PLAN_UNKNOWN.*no plan none/);
  });

  it('tells that nobody answers, without trying for long', async () => {
    client = connectCatalog(`127.0.0.1:${await freePort()}`);
    await expect(client.listPlans({})).rejects.toThrow(ServiceAway);
  });
});
