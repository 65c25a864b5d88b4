import type { Position, RecordedEvent } from '../port.js';
import type { Page } from '../tailing.js';
import type { Sqlite } from './database.js';
import { uuidText } from './uuid-bytes.js';

/** One page is at most about this large, whatever was asked for: it is built in one turn and held in memory. */
const PAGE_BYTES = 12 * 1024 * 1024;

/** How many positions one look at the total order covers: bounds the turn when the filter leaves out nearly all. */
const WINDOW = 10_000;

/**
 * An event as the queries give it. Arrays, and id, data and metadata as one blob, because each object and each
 * Buffer that crosses from SQLite costs more than the row itself: half the time of reading was measured to be theirs.
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

const ID_BYTES = 16;

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
  const forward = db
    .prepare<[string, number, number, number], EventRow>(
      `SELECT ?, ${columns} FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?`,
    )
    .raw();
  const backward = db
    .prepare<[string, number, number, number], EventRow>(
      `SELECT ?, ${columns} FROM events WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT ?`,
    )
    .raw();
  // substr, not LIKE: LIKE would fold the case of ASCII letters. The prefixes come as one JSON array.
  const filtered = db
    .prepare<[number, number, string, number], EventRow>(
      `SELECT name, ${columns} FROM events JOIN streams ON streams.id = events.stream
       WHERE position > ? AND position <= ?
         AND EXISTS (SELECT 1 FROM json_each(?) AS prefix WHERE substr(name, 1, length(prefix.value)) = prefix.value)
       ORDER BY position LIMIT ?`,
    )
    .raw();
  const onePrefix = db
    .prepare<[number, number, string, string, number], EventRow>(
      `SELECT name, ${columns} FROM events CROSS JOIN streams ON streams.id = events.stream
       WHERE position > ? AND position <= ? AND substr(name, 1, length(?)) = ?
       ORDER BY position LIMIT ?`,
    )
    .raw();

  const lastPosition = (): number => last.get() ?? 0;

  return {
    lastPosition: () => BigInt(lastPosition()),

    readPage: (after, prefixes, limit) => {
      const from = Number(after);
      const end = lastPosition();
      const upTo = Math.min(end, from + WINDOW);
      const [only] = prefixes;
      const rows =
        prefixes.length === 1 && only !== undefined
          ? onePrefix.iterate(from, upTo, only, only, limit)
          : filtered.iterate(from, upTo, JSON.stringify(prefixes), limit);
      const { events, whole } = firstOf(rows, limit);
      const seen = whole ? upTo : Number(events.at(-1)?.position ?? from);
      return { events, upTo: BigInt(Math.max(seen, from)), atEnd: seen >= end };
    },

    streamPage: (stream, direction, from, limit) => {
      const id = streamId.get(stream);
      if (id === undefined) return [];
      const rows =
        direction === 'forward'
          ? forward.iterate(stream, id, from ?? 0, limit)
          : backward.iterate(stream, id, from ?? Number.MAX_SAFE_INTEGER, limit);
      return firstOf(rows, limit).events;
    },
  };
}

/** Takes rows until they fill a page; `whole` tells that there were no more of them. */
function firstOf(rows: Iterable<EventRow>, limit: number): { events: RecordedEvent[]; whole: boolean } {
  const events: RecordedEvent[] = [];
  let bytes = 0;
  for (const row of rows) {
    events.push(recorded(row));
    bytes += row[6].byteLength;
    // Leaving the loop ends the statement: no query stays open while others run on this connection.
    if (bytes >= PAGE_BYTES) return { events, whole: false };
  }
  return { events, whole: events.length < limit };
}

function recorded(row: EventRow): RecordedEvent {
  const [stream, position, revision, type, storedAtMs, dataBytes, content] = row;
  return {
    stream,
    revision,
    position: BigInt(position),
    id: uuidText(content),
    type,
    data: content.subarray(ID_BYTES, ID_BYTES + dataBytes),
    metadata: content.subarray(ID_BYTES + dataBytes),
    storedAtMs,
  };
}
