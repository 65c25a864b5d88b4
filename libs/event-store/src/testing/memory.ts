import { checkAppend, judgeAppend } from '../append-rule.js';
import { EventStoreUnavailable, WrongExpectedRevision } from '../errors.js';
import type {
  Appended,
  EventStore,
  NewEvent,
  Position,
  ReadAllOptions,
  ReadStreamOptions,
  RecordedEvent,
} from '../port.js';
import { checkPrefixes, hasPrefix } from '../prefixes.js';
import { tail, type Page } from '../tailing.js';

export interface MemoryEventStoreOptions {
  /** The store's clock, in milliseconds since the epoch. Default: the system's. */
  readonly now?: () => number;
  /** Events per batch of a read. Default 500. */
  readonly batchSize?: number;
}

/** How far a page of a subscription looks for events that pass the filter. */
const WINDOW = 10_000;

/**
 * The event store in the simplest form that keeps every promise of the port: two arrays. No timers and no I/O,
 * so that tests and the simulator are deterministic. Position n is the nth event of the store, from 1.
 */
export function openMemoryEventStore(options: MemoryEventStoreOptions = {}): EventStore {
  const now = options.now ?? Date.now;
  const batchSize = options.batchSize ?? 500;
  const all: RecordedEvent[] = [];
  const streams = new Map<string, RecordedEvent[]>();
  const waiting = new Set<() => void>();
  let closed = false;

  const wakeAll = (): void => {
    for (const wake of waiting) wake();
    waiting.clear();
  };
  const mustBeOpen = (): void => {
    if (closed) throw new EventStoreUnavailable('the event store is closed');
  };

  const append = (stream: string, expectedRevision: number, events: readonly NewEvent[]): Appended => {
    checkAppend(stream, expectedRevision, events);
    mustBeOpen();
    const there = streams.get(stream) ?? [];
    const head = there.length - 1;
    const ids = (): string[] => events.map(({ id }) => id);
    const verdict = judgeAppend(head, expectedRevision, ids, (revision) => there[revision]?.id);
    if (verdict === 'conflict') throw new WrongExpectedRevision(stream, expectedRevision, head);
    if (verdict === 'append') {
      const storedAtMs = now();
      for (const event of events) {
        const recorded = {
          ...copyOf(event),
          stream,
          revision: there.length,
          position: positionAt(all.length),
          storedAtMs,
        };
        there.push(recorded);
        all.push(recorded);
      }
      streams.set(stream, there);
      wakeAll();
    }
    const revision = expectedRevision + events.length;
    return { revision, position: there[revision]?.position ?? 0n };
  };

  /** Looks at the total order from just after a position, as far as `limit` events or one window. */
  const readPage = (after: Position, prefixes: readonly string[], limit: number): Page => {
    mustBeOpen();
    const events: RecordedEvent[] = [];
    const end = Math.min(all.length, Number(after) + WINDOW);
    let index = Number(after);
    for (; index < end && events.length < limit; index += 1) {
      const event = all[index];
      if (event && hasPrefix(event.stream, prefixes)) events.push(handOut(event));
    }
    return { events, upTo: BigInt(index), atEnd: index >= all.length };
  };

  async function* readStream(
    stream: string,
    { direction = 'forward', from, limit = Infinity }: ReadStreamOptions = {},
  ): AsyncGenerator<readonly RecordedEvent[]> {
    mustBeOpen();
    await Promise.resolve();
    const there = streams.get(stream) ?? [];
    const head = there.length - 1;
    const step = direction === 'forward' ? 1 : -1;
    let revision = direction === 'forward' ? (from ?? 0) : Math.min(from ?? head, head);
    let left = limit;
    while (left > 0) {
      const batch: RecordedEvent[] = [];
      for (
        let event = there[revision];
        event && left > 0 && batch.length < batchSize;
        event = there[revision]
      ) {
        batch.push(handOut(event));
        revision += step;
        left -= 1;
      }
      if (batch.length === 0) return;
      yield batch;
      mustBeOpen();
    }
  }

  async function* readAll({
    after = 0n,
    streamPrefixes,
    limit = Infinity,
  }: ReadAllOptions): AsyncGenerator<readonly RecordedEvent[]> {
    checkPrefixes(streamPrefixes);
    await Promise.resolve();
    const end = BigInt(all.length);
    let from = after;
    let left = limit;
    while (left > 0 && from < end) {
      const page = readPage(from, streamPrefixes, Math.min(batchSize, left));
      const events = page.events.filter((event) => event.position <= end);
      from = page.upTo;
      left -= events.length;
      if (events.length > 0) yield events;
    }
  }

  const changed = (position: Position, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (closed || signal.aborted || positionAt(all.length - 1) > position) {
        resolve();
        return;
      }
      const wake = (): void => {
        waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener('abort', wake);
    });

  const source = {
    readPage,
    changed,
    breathe: () => Promise.resolve(),
    recover: () => Promise.resolve(),
    get closed() {
      return closed;
    },
  };

  return {
    // Atomic because nothing here waits: the whole append happens in one turn.
    append: (stream, expectedRevision, events) =>
      new Promise((resolve) => resolve(append(stream, expectedRevision, events))),
    readStream,
    readAll,
    subscribe: (subscribeOptions) => tail(source, subscribeOptions),
    ping: async () => {
      await Promise.resolve();
      mustBeOpen();
    },
    close: () => {
      closed = true;
      wakeAll();
      return Promise.resolve();
    },
  };
}

const positionAt = (index: number): Position => BigInt(index + 1);

/** Callers may change their buffers afterwards; a store's bytes never change. */
const copyOf = (event: NewEvent): NewEvent => ({
  id: event.id.toLowerCase(),
  type: event.type,
  data: Uint8Array.from(event.data),
  metadata: Uint8Array.from(event.metadata),
});

const handOut = (event: RecordedEvent): RecordedEvent => ({ ...event, ...copyOf(event) });
