import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from './service.js';

/** Every look costs the process that is being measured: few while much is left, more towards the end. */
const POLL_MS = { least: 20, most: 500 };
const PATIENCE_MS = 180_000;

/** How many events the read store of the process has been given by its projector. */
export function projectedEvents(service: Pick<Service, 'metric'>): Promise<number> {
  return service.metric('purser_projected_events_total');
}

/** Resolves when that many events are in the read store. @throws Error when they stay away for minutes */
export async function untilProjected(
  service: Pick<Service, 'metric'>,
  events: number,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const from = performance.now();
  let first: number | undefined;
  for (;;) {
    const now = await projectedEvents(service);
    if (now >= events) return;
    const elapsed = performance.now() - from;
    if (elapsed > patienceMs) {
      throw new Error(`${now} of ${events} events were projected within ${patienceMs} ms`);
    }
    first ??= now;
    // Half of what is still needed at the pace so far.
    const half = now > first ? (elapsed * (events - now)) / (now - first) / 2 : 0;
    await delay(Math.min(Math.max(half, POLL_MS.least), POLL_MS.most));
  }
}
