import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { checkAppend } from '../append-rule.js';
import { EventStoreUnavailable } from '../errors.js';
import {
  BEFORE_ALL,
  type EventStore,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
} from '../port.js';
import { checkPrefixes } from '../prefixes.js';
import { tail } from '../tailing.js';
import { openDatabase } from './database.js';
import { appendsHere, type Appends } from './appends.js';
import { appendsInThread } from './appends-in-thread.js';
import { groupCommit } from './group-commit.js';
import { pollingChanges } from './polling.js';
import { reading } from './reading.js';
import { unlessSqliteFails } from './sqlite-errors.js';

export interface EmbeddedEventStoreOptions {
  /** The database file; its directory must exist. */
  readonly path: string;
  /** Opens an existing store that can be read but not appended to: for auditors. Default false. */
  readonly readonly?: boolean;
  /** The file never grows beyond this; an append that would is refused as if the disk were full. Default: no limit. */
  readonly maxBytes?: number;
  /** How long an append waits for another process's lock, in milliseconds. Default 5000. */
  readonly lockTimeoutMs?: number;
  /** Shortest and longest pause between two looks for what other processes appended, in milliseconds. Default 2, 50. */
  readonly pollMs?: { readonly least: number; readonly most: number };
  /** The store's clock, in milliseconds since the epoch. Default: the system's. */
  readonly now?: () => number;
  /**
   * Where appends are written: here, between the other work of this thread, or in a thread of their own, so that
   * nothing here waits for the disk. Default here.
   */
  readonly appendIn?: 'here' | 'thread';
  /** The built module of that thread. Default: the one beside this one. */
  readonly threadModule?: URL;
}

/** Events per batch of a read. */
const READ_BATCH = 500;

/** Pause before a subscription tries again when the file could not be read, in milliseconds. */
const RECOVERY_MS = 200;

/**
 * The event store in one SQLite file. Any number of processes and threads may open it side by side; appends of one
 * handle share transactions (group commit), appends of several handles take turns.
 *
 * @throws EventStoreUnavailable when the file cannot be opened, EventStoreUnusable when it is not an event store
 */
export function openEmbeddedEventStore(options: EmbeddedEventStoreOptions): EventStore {
  const { path, readonly = false, maxBytes, lockTimeoutMs = 5000 } = options;
  const { pollMs = { least: 2, most: 50 }, now = Date.now, appendIn = 'here', threadModule } = options;
  const db = openDatabase({ path, readonly, maxBytes });
  const queries = reading(db);
  const changes = pollingChanges(() => whenOpen(() => queries.lastPosition()), pollMs);
  const appends: Appends | undefined = readonly
    ? undefined
    : appendIn === 'thread'
      ? appendsInThread({ path, maxBytes, lockTimeoutMs }, changes.wake, threadModule)
      : appendsHere(groupCommit(db, { name: path, lockTimeoutMs, onCommit: changes.wake }));
  let closing: Promise<void> | undefined;

  const whenOpen = <T>(work: () => T): T => {
    if (closing) throw new EventStoreUnavailable(`event store ${path} is closed`);
    return unlessSqliteFails(`event store ${path}`, work);
  };

  const append: EventStore['append'] = async (stream, expectedRevision, events) => {
    if (!appends)
      throw new Error(`event store ${path} was opened read-only: nothing can be appended to ${stream}`);
    checkAppend(stream, expectedRevision, events);
    if (closing) throw new EventStoreUnavailable(`event store ${path} is closed`);
    return appends.append({ stream, expectedRevision, events, storedAtMs: now() });
  };

  async function* readStream(
    stream: string,
    { direction = 'forward', from, limit = Infinity }: ReadStreamOptions = {},
  ): AsyncGenerator<readonly RecordedEvent[]> {
    let next = from;
    let left = limit;
    while (left > 0) {
      const wanted = Math.min(READ_BATCH, left);
      const events = whenOpen(() => queries.streamPage(stream, direction, next, wanted));
      const last = events.at(-1);
      if (!last) return;
      yield events;
      left -= events.length;
      next = last.revision + (direction === 'forward' ? 1 : -1);
      if (next < 0) return;
      await turn();
    }
  }

  async function* readAll({
    after = BEFORE_ALL,
    streamPrefixes,
    limit = Infinity,
  }: ReadAllOptions): AsyncGenerator<readonly RecordedEvent[]> {
    checkPrefixes(streamPrefixes);
    let from: Position = after;
    let left = limit;
    let atEnd = false;
    while (left > 0 && !atEnd) {
      const wanted = Math.min(READ_BATCH, left);
      const page = whenOpen(() => queries.readPage(from, streamPrefixes, wanted));
      if (page.events.length > 0) yield page.events;
      ({ upTo: from, atEnd } = page);
      left -= page.events.length;
      await turn();
    }
  }

  const source = {
    readPage: (after: Position, prefixes: readonly string[], limit: number) =>
      whenOpen(() => queries.readPage(after, prefixes, limit)),
    changed: changes.changed,
    breathe: () => turn(),
    recover: async (signal: AbortSignal) => {
      await sleep(RECOVERY_MS, undefined, { signal }).catch(() => undefined);
    },
    get closed() {
      return closing !== undefined;
    },
  };

  const close = async (): Promise<void> => {
    await appends?.close();
    changes.wake();
    db.close();
  };

  return {
    append,
    readStream,
    readAll,
    subscribe: (subscribeOptions) => tail(source, subscribeOptions),
    ping: async () => {
      await Promise.resolve();
      whenOpen(queries.lastPosition);
    },
    close: () => (closing ??= close()),
  };
}
