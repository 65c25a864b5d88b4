import { join } from 'node:path';
import { measured, type Bench } from '../measurement.js';
import { customerIds, publishPlan, subscribeAll } from '../support/customers.js';
import { copyCeiling, postgresServer } from '../support/postgres.js';
import { untilProjected } from '../support/projected.js';
import { measureReads } from '../support/reads.js';
import { withResources } from '../support/resources.js';
import { cpuPerEvent } from '../support/rounds.js';
import { seedLedger } from '../support/seed-ledger.js';
import { startService } from '../support/service.js';
import { playFromStream } from '../support/stream-rounds.js';

const CUSTOMERS = 1_000;
const ACCOUNTS = 2_000;
const TRANSACTIONS = 1_000_000;

/** What stands in PostgreSQL instead of the embedded read store: its pace, its rebuilding, its answers. */
export const postgres: Bench = {
  name: 'postgres',
  title: 'usage from a gRPC stream to PostgreSQL, rebuilding it from the ledger, queries',
  run: (options) =>
    withResources(async (resources) => {
      const server = await postgresServer(resources);
      const readStoreUrl = await server.createDatabase();
      const service = await startService(resources, {
        app: 'standalone',
        env: { READ_STORE_URL: readStoreUrl },
      });
      const customers = customerIds(CUSTOMERS);
      await publishPlan(service);
      await untilProjected(service, await subscribeAll(service, customers));
      const pace = await playFromStream(service, { customers, events: options.events ?? 60_000 }, options);
      const ceiling = await copyCeiling(readStoreUrl, options.rounds);
      await service.end();

      const folder = await resources.folder();
      const usagesEach = Math.max(1, Math.round((options.events ?? TRANSACTIONS) / ACCOUNTS));
      const seeded = { eventStoreUrl: `sqlite:${join(folder, 'events.db')}`, accounts: ACCOUNTS, usagesEach };
      const ledger = await seedLedger(resources, seeded);
      options.say(`${ledger.events} events of ${ACCOUNTS} accounts are in the event store`);
      const query = await startService(resources, {
        app: 'query',
        folder,
        env: { READ_STORE_URL: await server.createDatabase() },
      });
      const from = performance.now();
      await untilProjected(query, ledger.events, 600_000);
      const rebuilt = (ledger.events / (performance.now() - from)) * 1000;
      options.say(`the read store is rebuilt: ${rebuilt.toFixed(0)} events/s`);
      return [
        measured('usage events, sent to projected', 'events/s', pace.projected, { ceiling }),
        cpuPerEvent(pace),
        measured('read store rebuilt from the ledger', 'events/s', [rebuilt], { ceiling }),
        ...(await measureReads(resources, query, { accounts: ACCOUNTS, usagesEach, rounds: options.rounds })),
      ];
    }),
};
