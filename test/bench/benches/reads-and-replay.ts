import { join } from 'node:path';
import { measured, type Bench } from '../measurement.js';
import { untilProjected } from '../support/projected.js';
import { measureReads } from '../support/reads.js';
import { measureReplay } from '../support/replay.js';
import { withResources } from '../support/resources.js';
import { seedLedger } from '../support/seed-ledger.js';
import { startService } from '../support/service.js';

const ACCOUNTS = 2_000;
const TRANSACTIONS = 1_000_000;

/** Reads while the read store holds a million transactions, and the replay of the ledger they came from. */
export const readsAndReplay: Bench = {
  name: 'reads',
  title: 'queries over a million transactions, rebuilding the read store, replaying the ledger',
  run: ({ events = TRANSACTIONS, rounds, say }) =>
    withResources(async (resources) => {
      const folder = await resources.folder();
      const eventStoreUrl = `sqlite:${join(folder, 'events.db')}`;
      const usagesEach = Math.max(1, Math.round(events / ACCOUNTS));
      const ledger = await seedLedger(resources, { eventStoreUrl, accounts: ACCOUNTS, usagesEach });
      say(`${ledger.events} events of ${ACCOUNTS} accounts are in the event store`);
      const service = await startService(resources, { app: 'query', folder });
      const from = performance.now();
      await untilProjected(service, ledger.events, 600_000);
      const rebuilt = (ledger.events / (performance.now() - from)) * 1000;
      say(`the read store is rebuilt: ${rebuilt.toFixed(0)} events/s`);
      const reads = await measureReads(resources, service, { accounts: ACCOUNTS, usagesEach, rounds });
      const replay = await measureReplay(resources, { eventStoreUrl, rounds: Math.min(2, rounds) });
      return [...reads, measured('read store rebuilt from the ledger', 'events/s', [rebuilt]), replay];
    }),
};
