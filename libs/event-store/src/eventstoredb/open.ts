import { EventStoreUnavailable } from '../errors.js';
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
  /** A read that is silent for this long is tried again on a new connection, in milliseconds. Default 10000. */
  readonly readTimeoutMs?: number;
}

/** A stream that nobody writes to: reading it shows that the leader answers. */
const NO_SUCH_STREAM = 'ping';

/**
 * The event store on an EventStoreDB server or cluster (21.10 or later; "caught up" is told from 23.10 on).
 * Connects when it is first used.
 *
 * @throws EventStoreUnusable when the connection string is malformed
 */
export function openEventStoreDb(options: EventStoreDbOptions): EventStore {
  const { url, appendTimeoutMs = 10_000, readTimeoutMs = 10_000 } = options;
  const connection = new ReadConnection(url, readTimeoutMs);
  const reading = new Reading(connection, readTimeoutMs);
  const appends = appending({
    url,
    timeoutMs: appendTimeoutMs,
    positionOf: (stream, revision) => reading.positionOf(stream, revision),
  });
  const closing = new AbortController();

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
      await reading.readStream(NO_SUCH_STREAM, { limit: 1 }).next();
    },
    close: async () => {
      closing.abort();
      appends.close();
      await connection.close();
    },
  };
}
