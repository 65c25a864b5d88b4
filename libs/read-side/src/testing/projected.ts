import type { EventStore } from '#event-store';
import { ACCOUNT_STREAM_PREFIX } from '#journal';
import type { ReadStore } from '#read-store';
import { ACCOUNTS_PROJECTOR, Projector } from '../projector/projector.js';

/** A projector that runs until the returned function is called. */
export function startProjecting(eventStore: EventStore, readStore: ReadStore): () => Promise<void> {
  const stop = new AbortController();
  const done = new Projector({ eventStore, readStore }).run(stop.signal);
  return async () => {
    stop.abort();
    await done;
  };
}

/** Resolves when everything appended so far is in the read store. */
export async function untilProjected(eventStore: EventStore, readStore: ReadStore): Promise<void> {
  let end = 0n;
  for await (const batch of eventStore.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX] })) {
    end = batch.at(-1)?.position ?? end;
  }
  while (((await readStore.checkpoint(ACCOUNTS_PROJECTOR)) ?? -1n) < end) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
