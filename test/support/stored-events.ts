import { openEventStore } from '#adapters';
import type { RecordedEvent } from '#event-store';

/** Every account event in an event store, by stream, looked at from outside and without a change. */
export async function storedEvents(
  eventStoreUrl: string,
): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
  const store = openEventStore(eventStoreUrl, { readonly: true });
  const streams = new Map<string, RecordedEvent[]>();
  try {
    for await (const batch of store.readAll({ streamPrefixes: ['account-'] })) {
      for (const event of batch) {
        const stream = streams.get(event.stream);
        if (stream) stream.push(event);
        else streams.set(event.stream, [event]);
      }
    }
  } finally {
    await store.close();
  }
  return streams;
}

/** How many events all streams have together. */
export function countOf(streams: ReadonlyMap<string, readonly RecordedEvent[]>): number {
  return [...streams.values()].reduce((sum, { length }) => sum + length, 0);
}
