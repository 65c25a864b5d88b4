import type { EventStore } from '#event-store';
import { ACCOUNT_STREAM_PREFIX } from '#journal';
import type { ReadStore } from '#read-store';

/**
 * When the oldest event was stored that a projector's checkpoint has not reached: how far the read store is behind,
 * whoever projects. Undefined: there is none.
 */
export async function waitingSince(
  { eventStore, readStore }: { readonly eventStore: EventStore; readonly readStore: ReadStore },
  projector: string,
): Promise<number | undefined> {
  const after = await readStore.checkpoint(projector);
  const events = eventStore.readAll({
    ...(after !== undefined && { after }),
    streamPrefixes: [ACCOUNT_STREAM_PREFIX],
    limit: 1,
  });
  for await (const [first] of events) return first?.storedAtMs;
  return undefined;
}
