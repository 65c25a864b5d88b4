import type { EventStore, Position } from '#event-store';
import { ACCOUNT_STREAM_PREFIX } from '#journal';
import type { ReadStore } from '#read-store';
import { foldBatch } from './fold-batch.js';
import { ACCOUNTS_PROJECTOR } from './projector.js';
import { ROWS_IN_MEMORY, RowCache } from './row-cache.js';

export interface ProjectThroughOptions {
  readonly eventStore: EventStore;
  /** A store of the caller's own: no lease is taken. */
  readonly readStore: ReadStore;
  /** Everything up to and including this position, and nothing after it. */
  readonly through: Position;
  readonly onProgress?: (events: number) => void;
}

/** Projects the journal up to a position and ends: for a rebuild that is compared with the live store. */
export async function projectThrough(options: ProjectThroughOptions): Promise<void> {
  const { eventStore, readStore, through, onProgress } = options;
  const rows = new RowCache(readStore, eventStore, ROWS_IN_MEMORY);
  let after = await readStore.checkpoint(ACCOUNTS_PROJECTOR);
  if (after !== undefined && after >= through) return;
  const batches = eventStore.readAll({
    ...(after !== undefined && { after }),
    streamPrefixes: [ACCOUNT_STREAM_PREFIX],
  });
  for await (const batch of batches) {
    const events = batch.filter(({ position }) => position <= through);
    const last = events.at(-1);
    if (last) {
      const changes = await foldBatch(events, rows);
      rows.keep(changes);
      await readStore.apply({ projector: ACCOUNTS_PROJECTOR, after, checkpoint: last.position, changes });
      after = last.position;
      onProgress?.(events.length);
    }
    if (events.length < batch.length) return;
  }
}
