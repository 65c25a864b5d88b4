import { setTimeout as delay } from 'node:timers/promises';
import { usageMessage, type DayUsage } from '../../demo/day.js';
import { recordUsage } from './record-usage.js';
import type { Service } from './service.js';

/** A call goes out at this pace, whether those before it have been answered or not: else only the quick ones would count. */
const EVERY_MS = 20;

/**
 * How long callers wait that record a single usage event, while a stream sends as much as is taken.
 * @returns milliseconds, call by call
 */
export async function callersInFlood(
  { ledger }: Pick<Service, 'ledger'>,
  flood: readonly Buffer[],
  single: readonly DayUsage[],
): Promise<number[]> {
  const ended = new AbortController();
  const flooding = recordUsage({ ledger }, flood).finally(() => {
    ended.abort();
  });
  const calls: Promise<number>[] = [];
  for (const usage of single) {
    if (ended.signal.aborted) break;
    calls.push(timed(() => ledger.call.recordUsage({ usage: usageMessage(usage), mode: 'METERED' })));
    await delay(EVERY_MS);
  }
  await flooding;
  return Promise.all(calls);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
