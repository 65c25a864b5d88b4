import type { Position, RecordedEvent } from '../port.js';
import type { Page } from '../tailing.js';
import type { Sqlite } from './database.js';
import { recorded, type Described } from './described-event.js';
import { packedEvents } from './packed-events.js';

/** One page is at most about this large, whatever was asked for: it is built in one turn and held in memory. */
const PAGE_BYTES = 12 * 1024 * 1024;

/** How many positions one look at the total order covers: bounds the turn when the filter leaves out nearly all. */
const WINDOW = 10_000;

/** An event as the queries of one stream give it. */
type EventRow = readonly [...Described, content: Buffer];

export interface Reading {
  /** Position of the newest event; 0 when there is none. */
  readonly lastPosition: () => Position;
  readPage(after: Position, prefixes: readonly string[], limit: number): Page;
  /** A stream's events from a revision (inclusive; undefined: the head), as many as fit one page. */
  streamPage(
    stream: string,
    direction: 'forward' | 'backward',
    from: number | undefined,
    limit: number,
  ): RecordedEvent[];
}

/** The queries of one open database. Every call reads the newest committed state. */
export function reading(db: Sqlite): Reading {
  const last = db.prepare<[], number>('SELECT coalesce(max(position), 0) FROM events').pluck();
  const streamId = db.prepare<[string], number>('SELECT id FROM streams WHERE name = ?').pluck();
  const columns = `position, revision, type, stored_at, length(data), length(metadata),
    CAST(events.id || data || metadata AS BLOB)`;
  // +?, because SQLite plans a query anew whenever a bare parameter of LIMIT is bound.
  const forward = db
    .prepare<[string, number, number, number], EventRow>(
      `SELECT ?, ${columns} FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT +?`,
    )
    .raw();
  const backward = db
    .prepare<[string, number, number, number], EventRow>(
      `SELECT ?, ${columns} FROM events WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT +?`,
    )
    .raw();
  const packed = packedEvents(db, PAGE_BYTES);

  const lastPosition = (): number => last.get() ?? 0;

  return {
    lastPosition: () => BigInt(lastPosition()),

    readPage: (after, prefixes, limit) => {
      const from = Number(after);
      const end = lastPosition();
      const upTo = Math.min(end, from + WINDOW);
      const { events, upTo: seen } = packed(from, upTo, prefixes, limit);
      return { events, upTo: BigInt(Math.max(seen, from)), atEnd: seen >= end };
    },

    streamPage: (stream, direction, from, limit) => {
      const id = streamId.get(stream);
      if (id === undefined) return [];
      const rows =
        direction === 'forward'
          ? forward.iterate(stream, id, from ?? 0, limit)
          : backward.iterate(stream, id, from ?? Number.MAX_SAFE_INTEGER, limit);
      return firstOf(rows);
    },
  };
}

/** Takes rows until they fill a page. */
function firstOf(rows: Iterable<EventRow>): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  let bytes = 0;
  for (const row of rows) {
    const content = row[7];
    events.push(recorded(row, content));
    bytes += content.byteLength;
    // Leaving the loop ends the statement: no query stays open while others run on this connection.
    if (bytes >= PAGE_BYTES) break;
  }
  return events;
}
