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

export interface WaitingForStores {
  /** Told of each attempt that found a store away. */
  readonly onAway: (store: 'event store' | 'read store', error: Error) => void;
  readonly signal: AbortSignal;
}

/**
 * Opens both stores; one that is away is waited for.
 * @returns undefined, and nothing is open, once the signal has aborted
 */
export async function openStores(
  { eventStoreUrl, readStoreUrl }: StoreUrls,
  { onAway, signal }: WaitingForStores,
  options: OpenEventStoreOptions = {},
): Promise<Stores | undefined> {
  const eventStore = await whenThere(() => openEventStore(eventStoreUrl, options), {
    signal,
    onAway: (error) => {
      onAway('event store', error);
    },
  });
  if (!eventStore) return undefined;
  try {
    const readStore = await whenThere(() => openReadStore(readStoreUrl), {
      signal,
      onAway: (error) => {
        onAway('read store', error);
      },
    });
    if (readStore) return { eventStore, readStore };
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
