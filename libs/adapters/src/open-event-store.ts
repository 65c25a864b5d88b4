import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EventStore } from '#event-store';
import { withAmbiguityRetry } from '#event-store';
import { openEmbeddedEventStore } from '#event-store/embedded';
import { openEventStoreDb } from '#event-store/eventstoredb';

/**
 * The event store that a URL names: `sqlite:<path>` or `esdb://…`. An append whose outcome is unknown is sent
 * again a few times, identical, which the exact revision makes safe.
 */
export function openEventStore(url: string, options: { readonly readonly?: boolean } = {}): EventStore {
  return withAmbiguityRetry(open(url, options));
}

function open(url: string, { readonly = false }: { readonly readonly?: boolean }): EventStore {
  if (!url.startsWith('sqlite:')) return openEventStoreDb({ url });
  const path = url.slice('sqlite:'.length);
  if (!readonly) mkdirSync(dirname(path), { recursive: true });
  return openEmbeddedEventStore({ path, readonly });
}
