/** Whoever asks the ledger: calls one of its reads and says how long the answers took. */
import type { rpc } from '#contracts';
import { connectService, type ServiceClient } from '#platform';
import { seeded, type Random } from '../../support/random.js';
import { quantile } from '../measurement.js';
import type { CalledReads, CallReads } from '../support/call-reads.js';
import { asIs, callInBytes } from '../support/calls-in-bytes.js';
import { CREDIT_SYSTEM } from '../support/catalog.js';
import { customerIds } from '../support/customers.js';
import { answerTask } from './helper.js';

/** Until both sides have compiled what they do. */
const WARM_UP_CALLS = 8_000;
/** Each so-manieth answer of a caller is checked. */
const CHECKED = 50;

const NOTHING = Buffer.alloc(0);
/** `status = SERVING` of a HealthCheckResponse. */
const SERVING = Buffer.from([0x08, 0x01]);

/** One read, whose answer is checked when the time is not running. */
interface Read {
  ask(customerId: string): Promise<Buffer>;
  /** @throws Error for any other answer than was to be measured */
  check(answer: Buffer, customerId: string): void;
}

/** Of one round. */
interface Calls {
  /** How long each call took, in milliseconds. */
  readonly took: readonly number[];
  readonly perSecond: number;
}

answerTask(async (task: CallReads): Promise<CalledReads> => {
  const wallets = connectService<rpc.WalletService>('WalletService', task.grpcAddress);
  const read = readOf(task, wallets);
  const customers = customerIds(task.accounts);
  const random = seeded(1);
  await playCalls(read, { ...task, calls: WARM_UP_CALLS, customers, random });
  const rounds: Calls[] = [];
  for (let round = 0; round < task.rounds; round++)
    rounds.push(await playCalls(read, { ...task, customers, random }));
  wallets.close();
  return {
    p50: rounds.map(({ took }) => quantile(took, 0.5)),
    p99: rounds.map(({ took }) => quantile(took, 0.99)),
    perSecond: rounds.map(({ perSecond }) => perSecond),
  };
});

function readOf({ method, pageSize }: CallReads, wallets: ServiceClient<rpc.WalletService>): Read {
  if (method === 'GetWallet') return walletOf(wallets);
  return method === 'Check' ? healthOf(wallets) : pageOf(wallets, pageSize);
}

/** A call that asks for nothing. */
function healthOf({ raw }: ServiceClient<rpc.WalletService>): Read {
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        raw.makeUnaryRequest('/grpc.health.v1.Health/Check', asIs, asIs, NOTHING, (error, answer) => {
          if (answer) resolve(answer);
          else reject(error ?? new Error('the health check was answered with nothing'));
        });
      }),
    check: (answer) => {
      if (!answer.equals(SERVING)) throw new Error(`the health check says ${answer.toString('hex')}`);
    },
  };
}

function walletOf({ raw }: ServiceClient<rpc.WalletService>): Read {
  const call = callInBytes<rpc.GetWalletRequest, rpc.GetWalletResponse>(raw, 'GetWallet');
  return {
    ask: (customerId) => call.ask({ customerId, creditSystem: CREDIT_SYSTEM }),
    check: (answer, customerId) => {
      const { wallet } = call.read(answer);
      if (wallet?.customerId !== customerId)
        throw new Error(`${customerId} was answered with another wallet`);
    },
  };
}

function pageOf({ raw }: ServiceClient<rpc.WalletService>, pageSize: number): Read {
  const call = callInBytes<rpc.ListTransactionsRequest, rpc.ListTransactionsResponse>(
    raw,
    'ListTransactions',
  );
  return {
    ask: (customerId) => call.ask({ customerId, creditSystem: CREDIT_SYSTEM, pageSize }),
    check: (answer, customerId) => {
      const { transactions } = call.read(answer);
      if (transactions.length !== pageSize)
        throw new Error(`${customerId} was answered with ${transactions.length}, not ${pageSize}`);
    },
  };
}

interface Round extends Pick<CallReads, 'callers' | 'calls'> {
  readonly customers: readonly string[];
  readonly random: Random;
}

async function playCalls(read: Read, { callers, calls, customers, random }: Round): Promise<Calls> {
  const took: number[] = [];
  const answers: (readonly [answer: Buffer, customerId: string])[] = [];
  const caller = async (): Promise<void> => {
    for (let n = 0; n < calls / callers; n++) {
      const customerId = random.pick(customers);
      const from = performance.now();
      const answer = await read.ask(customerId);
      took.push(performance.now() - from);
      // All of them would be the caller's collector's work, in the middle of the next round.
      if (n % CHECKED === 0) answers.push([answer, customerId]);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const perSecond = (took.length / (performance.now() - from)) * 1000;
  for (const [answer, customerId] of answers) read.check(answer, customerId);
  return { took, perSecond };
}
