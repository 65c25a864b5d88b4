import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from './service.js';

const POLL_MS = 50;
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
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const now = await projectedEvents(service);
    if (now >= events) return;
    if (performance.now() > deadline) {
      throw new Error(`${now} of ${events} events were projected within ${patienceMs} ms`);
    }
    await delay(POLL_MS);
  }
}
