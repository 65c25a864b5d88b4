import { EventStoreUnavailable, EventStoreUnusable } from '../errors.js';
import type { EventStore } from '../port.js';
import { appending } from './appending.js';
import { ReadConnection } from './read-connection.js';
import { Reading } from './reading.js';
import { subscribe } from './subscribing.js';

export interface EventStoreDbOptions {
  /** `esdb://…` or `esdb+discover://…`; the credentials are part of it. */
  readonly url: string;
  /** An append without an answer after this time has an unknown outcome, in milliseconds. Default 10000. */
  readonly appendTimeoutMs?: number;
  /** A read of a stream that is silent for this long is tried again on a new connection, in milliseconds. Default 10000. */
  readonly readTimeoutMs?: number;
}

/** A stream that nobody writes to: reading it shows that the leader answers. */
const NO_SUCH_STREAM = 'ping';

/**
 * The event store on an EventStoreDB server or cluster, 23.10 or later. Connects when it is first used; that a server is
 * too old is EventStoreUnusable for `ping`, for who is about to start, and EventStoreUnavailable for everything else.
 *
 * @throws EventStoreUnusable when the connection string is malformed
 */
export function openEventStoreDb(options: EventStoreDbOptions): EventStore {
  const { url, appendTimeoutMs = 10_000, readTimeoutMs = 10_000 } = options;
  const connection = new ReadConnection(url, readTimeoutMs);
  const closing = new AbortController();
  const reading = new Reading(connection, readTimeoutMs, closing.signal);
  const appends = appending({
    url,
    timeoutMs: appendTimeoutMs,
    positionOf: (stream, revision) => reading.positionOf(stream, revision),
  });

  return {
    append: appends.append,
    readStream: (stream, readOptions) => reading.readStream(stream, readOptions),
    readAll: (readOptions) => reading.readAll(readOptions),
    subscribe: (subscribeOptions) => {
      const signal = AbortSignal.any([subscribeOptions.signal, closing.signal]);
      return subscribe(connection, { ...subscribeOptions, signal }, readTimeoutMs);
    },
    ping: async () => {
      if (connection.closed) throw new EventStoreUnavailable('the event store is closed');
      try {
        await reading.readStream(NO_SUCH_STREAM, { limit: 1 }).next();
      } catch (error) {
        throw error instanceof Error && error.cause instanceof EventStoreUnusable ? error.cause : error;
      }
    },
    close: async () => {
      closing.abort();
      appends.close();
      await connection.close();
    },
  };
}
