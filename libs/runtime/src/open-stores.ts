import { openEventStore, openReadStore, type OpenEventStoreOptions } from '#adapters';
import type { EventStore } from '#event-store';
import type { ReadStore } from '#read-store';
import { whenThere } from './when-there.js';

export interface Stores {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
}

export interface StoreUrls {
  readonly eventStoreUrl: string;
  readonly readStoreUrl: string;
}

/** As readiness names them, in the order in which they are opened. */
export const STORES = ['event store', 'read store'] as const;
type StoreName = (typeof STORES)[number];

export interface WaitingForStores {
  /** Told of each attempt that found a store away. */
  readonly onAway: (name: StoreName, error: Error) => void;
  /** Told of each store once it is open. */
  readonly onOpen?: (name: StoreName, store: EventStore | ReadStore) => void;
  readonly signal: AbortSignal;
}

/**
 * Opens both stores; one that is away is waited for.
 * @returns undefined, and nothing is open, once the signal has aborted
 */
export async function openStores(
  { eventStoreUrl, readStoreUrl }: StoreUrls,
  { onAway, onOpen, signal }: WaitingForStores,
  options: OpenEventStoreOptions = {},
): Promise<Stores | undefined> {
  const eventStore = await whenThere(() => openAnswering(eventStoreUrl, options, signal), {
    signal,
    onAway: (error) => {
      onAway('event store', error);
    },
  });
  if (!eventStore) return undefined;
  onOpen?.('event store', eventStore);
  try {
    const readStore = await whenThere(() => openReadStore(readStoreUrl), {
      signal,
      onAway: (error) => {
        onAway('read store', error);
      },
    });
    if (readStore) {
      onOpen?.('read store', readStore);
      return { eventStore, readStore };
    }
  } catch (error) {
    await eventStore.close();
    throw error;
  }
  await eventStore.close();
  return undefined;
}

/**
 * An event store that has answered: one on a server connects when it is first used, and what is wrong with the server
 * (it is too old, say) has to be known before anything starts.
 */
async function openAnswering(
  url: string,
  options: OpenEventStoreOptions,
  signal: AbortSignal,
): Promise<EventStore> {
  const eventStore = openEventStore(url, options);
  let stop: () => void = () => undefined;
  // A server that says nothing holds up no process that is to stop.
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener('abort', stop);
  try {
    await Promise.race([eventStore.ping(), stopped]);
    return eventStore;
  } catch (error) {
    await eventStore.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export async function closeStores({ eventStore, readStore }: Stores): Promise<void> {
  await readStore.close();
  await eventStore.close();
}
