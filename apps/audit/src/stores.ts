import { openEventStore, openReadStore } from '#adapters';
import type { EventStore } from '#event-store';
import type { ReadStore } from '#read-store';

/** Where the stores are, by the same variables as every process. */
export interface StoreUrls {
  readonly eventStore: string;
  readonly readStore: string;
}

/** A read-only event store still has the method, for the libraries' sake; it never appends. */
class ReadOnly extends Error {
  override readonly name = 'ReadOnly';
  constructor(stream: string) {
    super(`the audit tool never appends (to ${stream})`);
  }
}

/** Opens the journal so that nothing can be written to it: the SQLite file read-only, any other without an append. */
export function openJournal({ eventStore: url }: StoreUrls): EventStore {
  const store = openEventStore(url, { readonly: true });
  return { ...store, append: (stream) => Promise.reject(new ReadOnly(stream)) };
}

/** Opens the live read store to be looked at. */
export function openLiveViews({ readStore: url }: StoreUrls): Promise<ReadStore> {
  return openReadStore(url, { readonly: true });
}
