import { join } from 'node:path';
import { seeded } from '../../support/random.js';
import { measured, quantile, type Bench, type Measurement } from '../measurement.js';
import { CREDIT_SYSTEM } from '../support/catalog.js';
import { customerIds } from '../support/customers.js';
import { untilProjected } from '../support/projected.js';
import { measureReplay } from '../support/replay.js';
import { withResources } from '../support/resources.js';
import { seedLedger } from '../support/seed-ledger.js';
import { startService, type Service } from '../support/service.js';

const ACCOUNTS = 2_000;
const TRANSACTIONS = 1_000_000;
const CALLS = 6_000;
const AT_A_TIME = 8;
const PAGE = 50;

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
      const transactions = `${(ACCOUNTS * usagesEach).toLocaleString('en-GB')} transactions`;
      const reads = [
        ...(await latencies(service, `GetWallet over ${transactions}`, rounds, ({ wallets }, customerId) =>
          wallets.call.getWallet({ customerId, creditSystem: CREDIT_SYSTEM }),
        )),
        ...(await latencies(
          service,
          `ListTransactions of ${PAGE} over ${transactions}`,
          rounds,
          ({ wallets }, customerId) =>
            wallets.call.listTransactions({ customerId, creditSystem: CREDIT_SYSTEM, pageSize: PAGE }),
        )),
      ];
      const replay = await measureReplay(resources, { eventStoreUrl, rounds: Math.min(2, rounds) });
      return [...reads, measured('read store rebuilt from the ledger', 'events/s', [rebuilt]), replay];
    }),
};

/** Calls for customers at random, a few at a time; the median round is what counts. */
async function latencies(
  service: Service,
  what: string,
  rounds: number,
  call: (service: Service, customerId: string) => Promise<unknown>,
): Promise<Measurement[]> {
  const customers = customerIds(ACCOUNTS);
  const p50: number[] = [];
  const p99: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const random = seeded(round + 1);
    const took: number[] = [];
    const caller = async (): Promise<void> => {
      for (let n = 0; n < CALLS / AT_A_TIME / rounds; n++) {
        const from = performance.now();
        await call(service, random.pick(customers));
        took.push(performance.now() - from);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, caller));
    // The first round warms up.
    if (round === 0) continue;
    p50.push(quantile(took, 0.5));
    p99.push(quantile(took, 0.99));
  }
  return [
    measured(`${what}, p50, ${AT_A_TIME} at a time`, 'ms', p50),
    measured(`${what}, p99, ${AT_A_TIME} at a time`, 'ms', p99, { aim: 'under 5 ms' }),
  ];
}
