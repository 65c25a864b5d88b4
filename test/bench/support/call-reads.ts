import { runHelper } from './child.js';
import type { Resources } from './resources.js';

/** `Check` is the health check: a call that does no work. */
export type ReadMethod = 'Check' | 'GetWallet' | 'ListTransactions';

/** Given to `processes/call-reads.ts`. */
export interface CallReads {
  readonly grpcAddress: string;
  readonly method: ReadMethod;
  /** Customers are asked for at random among so many. */
  readonly accounts: number;
  /** Transactions of a page; each of these customers has at least as many. */
  readonly pageSize: number;
  /** Each calls again as soon as it is answered. */
  readonly callers: number;
  /** Of a round. */
  readonly calls: number;
  readonly rounds: number;
}

/** By round, in milliseconds. */
export interface CalledReads {
  readonly p50: readonly number[];
  readonly p99: readonly number[];
  /** Calls answered per second. */
  readonly perSecond: readonly number[];
}

/**
 * A caller's garbage is not the ledger's: with a young generation of the usual size each of its collections holds up
 * whoever calls for 8 ms, thirteen times a second, and the 99th percentile is just that.
 */
const CALLER_FLAGS = ['--min-semi-space-size=2', '--max-semi-space-size=2'];

/** Calls from a process of its own. */
export async function callReads(resources: Resources, task: CallReads): Promise<CalledReads> {
  const { answer, helper } = await runHelper(resources, 'call-reads', task, CALLER_FLAGS);
  await helper.end();
  return answer as CalledReads;
}
