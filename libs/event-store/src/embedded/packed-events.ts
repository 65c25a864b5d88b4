import type { RecordedEvent } from '../port.js';
import type { Sqlite } from './database.js';
import { contentBytes, recorded, type Described } from './described-event.js';
import { UUID_BYTES } from './uuid-bytes.js';

/**
 * How many positions one row covers. A row and a Buffer for each event cost more than finding and copying it: packed,
 * an event is read in half the time. More would save no more, and hold larger blobs for whoever keeps one event.
 */
const STRIDE = 64;

/** Larger events are read one at a time, so that the blob of a row has a bound. */
const PACKED_BYTES = 64 * 1024;

/** Many events: what describes each as a JSON text, and all their contents in one blob, in the same order. */
type PackedRow = readonly [described: string, contents: Buffer | null];

export interface PackedPage {
  readonly events: readonly RecordedEvent[];
  /** Everything up to here was looked at. */
  readonly upTo: number;
}

/**
 * Reads events in the total order, many to a row.
 *
 * @returns a function that reads after `from`, up to `upTo`, at most `limit` events, and no more once `fullBytes` are read
 */
export function packedEvents(
  db: Sqlite,
  fullBytes: number,
): (from: number, upTo: number, prefixes: readonly string[], limit: number) => PackedPage {
  // CROSS JOIN keeps events in the outer loop: they come in the order of their positions.
  const packed = `SELECT
      json_group_array(json_array(name, position, revision, type, stored_at, length(data), length(metadata))),
      CAST(group_concat(
        CASE WHEN length(data) + length(metadata) <= ${PACKED_BYTES} THEN events.id || data || metadata END, ''
      ) AS BLOB)
    FROM events CROSS JOIN streams ON streams.id = events.stream WHERE position > ? AND position <= ?`;
  // substr, not LIKE: LIKE would fold the case of ASCII letters. The prefixes come as one JSON array.
  const filtered = db
    .prepare<[number, number, string], PackedRow>(
      `${packed} AND EXISTS
         (SELECT 1 FROM json_each(?) AS prefix WHERE substr(name, 1, length(prefix.value)) = prefix.value)`,
    )
    .raw();
  const onePrefix = db
    .prepare<[number, number, string, string], PackedRow>(`${packed} AND substr(name, 1, length(?)) = ?`)
    .raw();
  const large = db
    .prepare<[number], Buffer>('SELECT CAST(id || data || metadata AS BLOB) FROM events WHERE position = ?')
    .pluck();

  return (from, upTo, prefixes, limit) => {
    const [only] = prefixes;
    const json = JSON.stringify(prefixes);
    const rowOf = (after: number, last: number): PackedRow | undefined =>
      prefixes.length === 1 && only !== undefined
        ? onePrefix.get(after, last, only, only)
        : filtered.get(after, last, json);

    const events: RecordedEvent[] = [];
    let seen = from;
    let bytes = 0;
    while (seen < upTo && events.length < limit) {
      const last = Math.min(seen + Math.min(STRIDE, limit - events.length), upTo);
      const [described, contents] = rowOf(seen, last) ?? ['[]', null];
      let at = 0;
      for (const each of JSON.parse(described) as Described[]) {
        const size = contentBytes(each);
        const isPacked = size <= UUID_BYTES + PACKED_BYTES;
        const content = isPacked ? contents : large.get(each[1]);
        if (!content) throw new Error(`event at position ${each[1]} has no content`);
        events.push(recorded(each, content, isPacked ? at : 0));
        if (isPacked) at += size;
        bytes += size;
        if (bytes >= fullBytes) return { events, upTo: each[1] };
      }
      seen = last;
    }
    return { events, upTo: seen };
  };
}
