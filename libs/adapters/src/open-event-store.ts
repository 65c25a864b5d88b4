import type { EventStore } from '#event-store';
import { EventStoreUnusable, withAmbiguityRetry } from '#event-store';
import { openEmbeddedEventStore } from '#event-store/embedded';
import { openEventStoreDb } from '#event-store/eventstoredb';
import { checkFile } from './check-file.js';
import { makeFolderOf } from './make-folder-of.js';
import { sqlitePath } from './sqlite-path.js';

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
  const path = sqlitePath(url);
  if (path === undefined) return openEventStoreDb({ url });
  if (!readonly) makeFolderOf(path, EventStoreUnusable);
  checkFile({ path, readonly, Unusable: EventStoreUnusable });
  return openEmbeddedEventStore({ path, readonly, appendIn });
}
