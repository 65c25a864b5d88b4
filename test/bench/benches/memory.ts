import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { measured, type Bench, type Measurement } from '../measurement.js';
import { customerIds } from '../support/customers.js';
import { untilProjected } from '../support/projected.js';
import { checkDebited, recordUsage, usageMessages } from '../support/record-usage.js';
import { withResources, type Resources } from '../support/resources.js';
import { seedLedger } from '../support/seed-ledger.js';
import { startService, type Service } from '../support/service.js';
import { oneUsageEach } from '../support/workload.js';

const ACCOUNTS = 100_000;
const CACHE_SIZES = [2_000, 20_000];

/** What the write process keeps in memory after touching 100,000 accounts, and after 200,000. */
export const memory: Bench = {
  name: 'memory',
  title: 'resident memory of the ledger process, by accounts touched and ACCOUNT_CACHE_SIZE',
  run: ({ events = ACCOUNTS, say }) =>
    withResources(async (resources) => {
      const folder = await resources.folder();
      const eventStoreUrl = `sqlite:${join(folder, 'events.db')}`;
      const customers = customerIds(2 * events);
      const ledger = await seedLedger(resources, {
        eventStoreUrl,
        accounts: customers.length,
        usagesEach: 0,
      });
      say(`${customers.length} accounts are in the event store`);
      const query = await startService(resources, { app: 'query', folder });
      await untilProjected(query, ledger.events, 300_000);
      say('and in the read store');
      let projected = ledger.events;
      const measurements: Measurement[] = [];
      for (const cacheSize of CACHE_SIZES) {
        await withResources(async (own) => {
          const service = await ledgerProcess(own, folder, cacheSize);
          const at = `cache of ${cacheSize.toLocaleString('en-GB')}`;
          measurements.push(await resident(service, `idle, ${at}`));
          for (const half of [customers.slice(0, events), customers.slice(events)]) {
            const messages = usageMessages(service, oneUsageEach(half, `memory-${cacheSize}`));
            checkDebited(service, await recordUsage(service, messages), half.length);
            await untilProjected(query, (projected += half.length));
            const touched = half[0] === customers[0] ? events : 2 * events;
            measurements.push(
              await resident(service, `${touched.toLocaleString('en-GB')} accounts touched, ${at}`),
            );
          }
        });
      }
      return measurements;
    }),
};

function ledgerProcess(resources: Resources, folder: string, cacheSize: number): Promise<Service> {
  return startService(resources, {
    app: 'ledger',
    folder,
    env: { ACCOUNT_CACHE_SIZE: String(cacheSize) },
  });
}

/** The least of a few looks: between two collections of garbage it only grows. */
async function resident(service: Service, what: string): Promise<Measurement> {
  const looks: number[] = [];
  for (let look = 0; look < 5; look++) {
    looks.push((await service.metric('process_resident_memory_bytes')) / 2 ** 20);
    await delay(200);
  }
  return measured(`resident memory, ${what}`, 'MiB', [Math.min(...looks)]);
}
