import { setTimeout as delay } from 'node:timers/promises';

/** Waits a little longer each time, with jitter, so that competing writers do not meet again in step. */
export async function backOff(attempt: number): Promise<void> {
  const ceilingMs = Math.min(2 ** attempt, 100);
  await delay(Math.random() * ceilingMs);
}
