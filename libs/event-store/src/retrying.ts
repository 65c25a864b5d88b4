import { setTimeout as sleep } from 'node:timers/promises';
import { AppendOutcomeUnknown, EventStoreUnavailable } from './errors.js';
import type { Appended, EventStore } from './port.js';

export interface AmbiguityRetryOptions {
  /** How often an append is sent at most, the first time included. Default 5. */
  readonly attempts?: number;
  /** Pause before the nth repeat (counted from 1), in milliseconds. Default: doubling from 50 up to 2000. */
  readonly backoff?: (repeat: number) => number;
}

/**
 * Sends an append whose outcome is unknown again, unchanged. Safe only because every append names an exact revision
 * and carries its ids: had the first one been written, the repeat succeeds and changes nothing.
 * A store that is away by then is waited for likewise. Everything else passes through; after the last attempt the
 * caller gets AppendOutcomeUnknown.
 */
export function withAmbiguityRetry(store: EventStore, options: AmbiguityRetryOptions = {}): EventStore {
  const attempts = options.attempts ?? 5;
  const backoff = options.backoff ?? ((repeat) => Math.min(2000, 25 * 2 ** repeat));
  const append: EventStore['append'] = async (stream, expectedRevision, events): Promise<Appended> => {
    // The caller may reuse its array while we wait; what is repeated must be what was sent.
    const unchanged = [...events];
    let unknown: AppendOutcomeUnknown | undefined;
    for (let sent = 1; ; sent += 1) {
      try {
        return await store.append(stream, expectedRevision, unchanged);
      } catch (error) {
        if (error instanceof AppendOutcomeUnknown) unknown = error;
        // That a repeat was not written says nothing of what was sent before it.
        else if (!(error instanceof EventStoreUnavailable)) throw error;
        if (unknown === undefined) throw error;
        if (sent >= attempts) throw unknown;
        await sleep(backoff(sent));
      }
    }
  };
  return {
    append,
    readStream: (stream, readOptions) => store.readStream(stream, readOptions),
    readAll: (readOptions) => store.readAll(readOptions),
    subscribe: (subscribeOptions) => store.subscribe(subscribeOptions),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}
