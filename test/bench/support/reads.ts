import { measured, median, type Measurement } from '../measurement.js';
import { callReads, type CalledReads, type ReadMethod } from './call-reads.js';
import type { Resources } from './resources.js';
import type { Service } from './service.js';

const CALLS = 4_000;
/** One caller shows what a call takes; eight, each calling again at once, keep the one thread that answers busy. */
const CALLERS = [1, 8] as const;
const PAGE = 50;

/** What a service reads from while it is measured. */
export interface ReadFrom {
  readonly accounts: number;
  /** Usage events of each account. */
  readonly usagesEach: number;
  readonly rounds: number;
}

/**
 * How long `GetWallet` and `ListTransactions` take over accounts that have a history, for one caller and for several
 * that never pause. Beside each the same calls to the same process that ask for nothing: what is left is the ledger's.
 */
export async function measureReads(
  resources: Resources,
  { grpcAddress }: Service,
  { accounts, usagesEach, rounds }: ReadFrom,
): Promise<Measurement[]> {
  const over = `over ${(accounts * usagesEach).toLocaleString('en-GB')} transactions`;
  const pageSize = Math.min(PAGE, usagesEach);
  const task = { grpcAddress, accounts, pageSize, calls: CALLS, rounds };
  const measurements: Measurement[] = [];
  for (const callers of CALLERS) {
    const call = (method: ReadMethod) => callReads(resources, { ...task, method, callers });
    const check = await call('Check');
    const at = `${over}, ${callers} at a time`;
    measurements.push(
      ...waits(`GetWallet ${at}`, await call('GetWallet'), check),
      ...waits(`ListTransactions of ${pageSize} ${at}`, await call('ListTransactions'), check),
    );
  }
  return measurements;
}

function waits(what: string, { p50, p99, perSecond }: CalledReads, check: CalledReads): Measurement[] {
  const beside = (rounds: readonly number[]) => ({
    ceiling: { what: 'a health check', value: median(rounds) },
  });
  return [
    measured(`${what}, p50`, 'ms', p50, beside(check.p50)),
    measured(`${what}, p99`, 'ms', p99, { ...beside(check.p99), aim: 'under 5 ms' }),
    measured(`${what}, answered`, 'calls/s', perSecond, beside(check.perSecond)),
  ];
}
