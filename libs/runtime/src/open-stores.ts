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
  const eventStore = await whenThere(() => openEventStore(eventStoreUrl, options), {
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

export async function closeStores({ eventStore, readStore }: Stores): Promise<void> {
  await readStore.close();
  await eventStore.close();
}
