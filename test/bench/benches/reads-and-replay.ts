import { join } from 'node:path';
import type { rpc } from '#contracts';
import { seeded } from '../../support/random.js';
import { measured, quantile, type Bench, type Measurement } from '../measurement.js';
import { callInBytes } from '../support/calls-in-bytes.js';
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
/** One caller shows what a call takes; eight, each calling again at once, keep the one thread that answers busy. */
const CALLERS = [1, 8] as const;
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
        ...(await latencies(`GetWallet over ${transactions}`, rounds, walletOf(service))),
        ...(await latencies(
          `ListTransactions of ${PAGE} over ${transactions}`,
          rounds,
          pageOf(service, Math.min(PAGE, usagesEach)),
        )),
      ];
      const replay = await measureReplay(resources, { eventStoreUrl, rounds: Math.min(2, rounds) });
      return [...reads, measured('read store rebuilt from the ledger', 'events/s', [rebuilt]), replay];
    }),
};

/** One read, whose answer is checked when the time is not running. */
interface Read {
  ask(customerId: string): Promise<Buffer>;
  /** @throws Error for any other answer than was to be measured */
  check(answer: Buffer, customerId: string): void;
}

function walletOf({ wallets }: Service): Read {
  const call = callInBytes<rpc.GetWalletRequest, rpc.GetWalletResponse>(wallets.raw, 'GetWallet');
  return {
    ask: (customerId) => call.ask({ customerId, creditSystem: CREDIT_SYSTEM }),
    check: (answer, customerId) => {
      const { wallet } = call.read(answer);
      if (wallet?.customerId !== customerId)
        throw new Error(`${customerId} was answered with another wallet`);
    },
  };
}

function pageOf({ wallets }: Service, size: number): Read {
  const call = callInBytes<rpc.ListTransactionsRequest, rpc.ListTransactionsResponse>(
    wallets.raw,
    'ListTransactions',
  );
  return {
    ask: (customerId) => call.ask({ customerId, creditSystem: CREDIT_SYSTEM, pageSize: PAGE }),
    check: (answer, customerId) => {
      const { transactions } = call.read(answer);
      if (transactions.length < size)
        throw new Error(`${customerId} was answered with ${transactions.length}`);
    },
  };
}

/** Calls for customers at random, by one caller and by several; the median round is what counts. */
async function latencies(what: string, rounds: number, read: Read): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const callers of CALLERS) {
    const of = `${what}, ${callers} at a time`;
    const [p50, p99, pace]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round <= rounds; round++) {
      const { took, perSecond } = await playCalls(callers, CALLS / rounds, round, read);
      // The first round warms up.
      if (round === 0) continue;
      p50.push(quantile(took, 0.5));
      p99.push(quantile(took, 0.99));
      pace.push(perSecond);
    }
    measurements.push(
      measured(`${of}, p50`, 'ms', p50),
      measured(`${of}, p99`, 'ms', p99, { aim: 'under 5 ms' }),
      measured(`${of}, answered`, 'calls/s', pace),
    );
  }
  return measurements;
}

interface Calls {
  /** How long each call took, in milliseconds. */
  readonly took: readonly number[];
  readonly perSecond: number;
}

/** So many calls by callers of whom each calls again as soon as it is answered. */
async function playCalls(callers: number, calls: number, seed: number, read: Read): Promise<Calls> {
  const customers = customerIds(ACCOUNTS);
  const random = seeded(seed + 1);
  const took: number[] = [];
  const answers: (readonly [answer: Buffer, customerId: string])[] = [];
  const caller = async (): Promise<void> => {
    for (let n = 0; n < calls / callers; n++) {
      const customerId = random.pick(customers);
      const from = performance.now();
      const answer = await read.ask(customerId);
      took.push(performance.now() - from);
      answers.push([answer, customerId]);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const perSecond = (took.length / (performance.now() - from)) * 1000;
  for (const [answer, customerId] of answers) read.check(answer, customerId);
  return { took, perSecond };
}
