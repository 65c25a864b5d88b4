import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EventStore } from '#event-store';
import { withAmbiguityRetry } from '#event-store';
import { openEmbeddedEventStore } from '#event-store/embedded';
import { openEventStoreDb } from '#event-store/eventstoredb';

export interface OpenEventStoreOptions {
  /** For who only reads: nothing is created, and appends are refused. Default false. */
  readonly readonly?: boolean;
  /** Where an embedded store writes its appends: see there. Default here. */
  readonly appendIn?: 'here' | 'thread';
}

/**
 * The event store that a URL names: `sqlite:<path>` or `esdb://…`. An append whose outcome is unknown is sent
 * again a few times, identical, which the exact revision makes safe.
 */
export function openEventStore(url: string, options: OpenEventStoreOptions = {}): EventStore {
  return withAmbiguityRetry(open(url, options));
}

function open(url: string, { readonly = false, appendIn = 'here' }: OpenEventStoreOptions): EventStore {
  if (!url.startsWith('sqlite:')) return openEventStoreDb({ url });
  const path = url.slice('sqlite:'.length);
  if (!readonly) mkdirSync(dirname(path), { recursive: true });
  return openEmbeddedEventStore({ path, readonly, appendIn });
}
