import { APPEND_LIMIT_BYTES, eventBytes } from './append-size.js';
import { AppendTooLarge } from './errors.js';
import { NO_STREAM, type NewEvent } from './port.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Refuses what no store could take, before anything is sent: every adapter refuses the same things with the
 * same errors, and a malformed id never reaches the EventStoreDB client (where it would hang).
 *
 * @returns how large the append is, in bytes, as EventStoreDB counts it
 * @throws TypeError or RangeError for a caller's mistake, AppendTooLarge when over `limitBytes`
 */
export function checkAppend(
  stream: string,
  expectedRevision: number,
  events: readonly NewEvent[],
  limitBytes: number = APPEND_LIMIT_BYTES,
): number {
  if (stream === '' || stream.startsWith('$')) {
    throw new TypeError(`"${stream}" cannot be a stream's name: it is empty or reserved for the store`);
  }
  if (!Number.isSafeInteger(expectedRevision) || expectedRevision < NO_STREAM) {
    throw new RangeError(`stream ${stream}: ${expectedRevision} is not an exact revision (-1 or more)`);
  }
  if (events.length === 0) throw new RangeError(`stream ${stream}: an append needs at least one event`);
  let bytes = 0;
  for (const event of events) {
    if (!UUID.test(event.id)) throw new TypeError(`stream ${stream}: event id "${event.id}" is not a UUID`);
    if (event.type === '') throw new TypeError(`stream ${stream}: event ${event.id} has no type`);
    bytes += eventBytes(event);
  }
  if (bytes > limitBytes) throw new AppendTooLarge(stream, bytes, limitBytes);
  return bytes;
}

/** What an append means for a stream whose head stands at a given revision. */
export type AppendVerdict = 'append' | 'repeat' | 'conflict';

/**
 * EventStoreDB's rule for an exact expected revision. At the head: append, without looking at ids. Below the head:
 * a repeat when every id already stands at exactly the revision it would get, else a conflict. Above: a conflict.
 *
 * @param ids those of the events, in their order; asked for only when they matter
 * @param idAt the id (lower case) that stands at a revision of this stream
 */
export function judgeAppend(
  head: number,
  expectedRevision: number,
  ids: () => readonly string[],
  idAt: (revision: number) => string | undefined,
): AppendVerdict {
  if (expectedRevision === head) return 'append';
  if (expectedRevision > head) return 'conflict';
  const allThere = ids().every((id, i) => idAt(expectedRevision + 1 + i) === id.toLowerCase());
  return allThere ? 'repeat' : 'conflict';
}
