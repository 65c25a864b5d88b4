import { afterEach } from '@jest/globals';
import type { EventStore } from '../port.js';
import { startLoopback, type Loopback, type LoopbackOptions } from '../testing/loopback/index.js';
import { openEventStoreDb, type EventStoreDbOptions } from './open.js';

/** How long these clients wait for an answer: short for the tests' sake, long enough for a busy machine. */
export const ANSWER_TIMEOUT_MS = 750;

const toClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

/** A loopback server that is stopped after the test. */
export async function serve(options?: LoopbackOptions): Promise<Loopback> {
  const loopback = await startLoopback(options);
  toClose.push(() => loopback.stop());
  return loopback;
}

/** An impatient client that is closed after the test. */
export function connect({ url }: { url: string }, options: Partial<EventStoreDbOptions> = {}): EventStore {
  const store = openEventStoreDb({
    url,
    appendTimeoutMs: ANSWER_TIMEOUT_MS,
    readTimeoutMs: ANSWER_TIMEOUT_MS,
    ...options,
  });
  toClose.push(() => store.close());
  return store;
}
