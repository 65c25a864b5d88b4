import { EventsDamaged } from '../errors.js';
import type { Position, RecordedEvent } from '../port.js';
import type { Page } from '../tailing.js';
import type { Sqlite } from './database.js';
import { unpacked, type AppendRow } from './packed-append.js';

/** One page is at most about this large, whatever was asked for: it is built in one turn and held in memory. */
const PAGE_BYTES = 12 * 1024 * 1024;

/** About how many positions one look at the total order covers: bounds the turn when the filter leaves out nearly all. */
const WINDOW = 10_000;

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
  const last = db.prepare<[], number>('SELECT coalesce(max(position), 0) FROM appends').pluck();
  const lastUpTo = db
    .prepare<[number], number>('SELECT coalesce(max(position), 0) FROM appends WHERE position <= ?')
    .pluck();
  const firstAfter = db
    .prepare<[number], number>('SELECT coalesce(min(position), 0) FROM appends WHERE position > ?')
    .pluck();
  const streamId = db.prepare<[string], number>('SELECT id FROM streams WHERE name = ?').pluck();
  const columns = 'position, revision, events, stored_at, blob';
  // CROSS JOIN keeps appends in the outer loop: they come in the order of their positions.
  const page = `SELECT name, ${columns} FROM appends CROSS JOIN streams ON streams.id = appends.stream
    WHERE position > ? AND position <= ?`;
  // substr, not LIKE: LIKE would fold the case of ASCII letters. The prefixes come as one JSON array.
  const filtered = db
    .prepare<[number, number, string], AppendRow>(
      `${page} AND EXISTS
         (SELECT 1 FROM json_each(?) AS prefix WHERE substr(name, 1, length(prefix.value)) = prefix.value)`,
    )
    .raw();
  const onePrefix = db
    .prepare<[number, number, string, string], AppendRow>(`${page} AND substr(name, 1, length(?)) = ?`)
    .raw();
  // +?, because SQLite plans a query anew whenever a bare parameter of LIMIT is bound.
  const forward = db
    .prepare<[string, number, number, number], AppendRow>(
      `SELECT ?, ${columns} FROM appends WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT +?`,
    )
    .raw();
  const backward = db
    .prepare<[string, number, number, number], AppendRow>(
      `SELECT ?, ${columns} FROM appends WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT +?`,
    )
    .raw();
  /** The end of the append that holds a revision; null beyond the head. */
  const appendOf = db
    .prepare<[number, number], number | null>(
      'SELECT min(revision) FROM appends WHERE stream = ? AND revision >= ?',
    )
    .pluck();

  const lastPosition = (): number => last.get() ?? 0;

  /** Where a look that begins after `from` ends: always at the end of an append. */
  const endOfLook = (from: number, end: number): number => {
    if (from + WINDOW >= end) return end;
    const within = lastUpTo.get(from + WINDOW) ?? 0;
    return within > from ? within : (firstAfter.get(from) ?? end);
  };

  return {
    lastPosition: () => BigInt(lastPosition()),

    readPage: (after, prefixes, limit) => {
      const from = Number(after);
      const end = lastPosition();
      const upTo = endOfLook(from, end);
      const [only] = prefixes;
      const rows =
        prefixes.length === 1 && only !== undefined
          ? onePrefix.iterate(from, upTo, only, only)
          : filtered.iterate(from, upTo, JSON.stringify(prefixes));
      const { events, last: full } = take(rows, limit, ([, position, , count], own) =>
        own.slice(Math.max(0, from - (position - count))),
      );
      const seen = full?.position ?? BigInt(Math.max(upTo, from));
      return { events, upTo: seen, atEnd: seen >= end };
    },

    streamPage: (stream, direction, from, limit) => {
      const id = streamId.get(stream);
      if (id === undefined) return [];
      if (direction === 'forward') {
        const first = from ?? 0;
        return take(forward.iterate(stream, id, first, limit), limit, ([, , revision, count], own) =>
          own.slice(Math.max(0, first - (revision - count + 1))),
        ).events;
      }
      const first = from ?? Number.MAX_SAFE_INTEGER;
      return take(
        backward.iterate(stream, id, appendOf.get(id, first) ?? first, limit),
        limit,
        ([, , revision], own) => own.reverse().slice(Math.max(0, revision - first)),
      ).events;
    },
  };
}

/**
 * Takes events until there are enough or they fill a page, or as many as stand before a damaged append.
 *
 * @param wanted which events of an append, in which order
 * @returns `last`: the event at which it stopped; undefined when all were taken
 */
function take(
  appends: Iterable<AppendRow>,
  limit: number,
  wanted: (append: AppendRow, events: RecordedEvent[]) => readonly RecordedEvent[],
): { readonly events: RecordedEvent[]; readonly last?: RecordedEvent } {
  const events: RecordedEvent[] = [];
  let bytes = 0;
  for (const append of appends) {
    let own: RecordedEvent[];
    try {
      own = unpacked(append);
    } catch (error) {
      const last = events.at(-1);
      if (last && error instanceof EventsDamaged) return { events, last };
      throw error;
    }
    for (const event of wanted(append, own)) {
      events.push(event);
      bytes += event.data.byteLength + event.metadata.byteLength;
      // Leaving the loop ends the statement: no query stays open while others run on this connection.
      if (events.length >= limit || bytes >= PAGE_BYTES) return { events, last: event };
    }
  }
  return { events };
}
