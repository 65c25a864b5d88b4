import type { Position, RecordedEvent } from '../port.js';
import type { Page } from '../tailing.js';
import type { Sqlite } from './database.js';
import { packedEvents } from './packed-events.js';
import { UUID_BYTES, uuidText } from './uuid-bytes.js';

/** One page is at most about this large, whatever was asked for: it is built in one turn and held in memory. */
const PAGE_BYTES = 12 * 1024 * 1024;

/** How many positions one look at the total order covers: bounds the turn when the filter leaves out nearly all. */
const WINDOW = 10_000;

/**
 * An event as the queries of one stream give it. Arrays, and id, data and metadata as one blob, because each object
 * and each Buffer that crosses from SQLite costs more than the row itself.
 */
type EventRow = readonly [
  name: string,
  position: number,
  revision: number,
  type: string,
  storedAt: number,
  dataBytes: number,
  /** 16 bytes of id, then the data, then the metadata. */
  content: Buffer,
];

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
  const columns = `position, revision, type, stored_at, length(data),
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
    events.push(recorded(row));
    bytes += row[6].byteLength;
    // Leaving the loop ends the statement: no query stays open while others run on this connection.
    if (bytes >= PAGE_BYTES) break;
  }
  return events;
}

function recorded(row: EventRow): RecordedEvent {
  const [stream, position, revision, type, storedAtMs, dataBytes, content] = row;
  return {
    stream,
    revision,
    position: BigInt(position),
    id: uuidText(content),
    type,
    data: content.subarray(UUID_BYTES, UUID_BYTES + dataBytes),
    metadata: content.subarray(UUID_BYTES + dataBytes),
    storedAtMs,
  };
}
