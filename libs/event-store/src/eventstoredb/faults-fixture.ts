import { afterEach } from '@jest/globals';
import type { EventStore } from '../port.js';
import { startLoopback, type Loopback, type LoopbackOptions } from '../testing/loopback/index.js';
import { openEventStoreDb, type EventStoreDbOptions } from './open.js';

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
  const store = openEventStoreDb({ url, appendTimeoutMs: 750, readTimeoutMs: 750, ...options });
  toClose.push(() => store.close());
  return store;
}
