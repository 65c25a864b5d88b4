import { chainEvent, encodeEvent, GENESIS_HASH, type LedgerEvent } from '#contracts';
import { NO_STREAM, type NewEvent } from '#event-store';

/** The end of a stream as its writer must know it: the next event is chained to `hash`. */
export interface StreamHead {
  readonly revision: number;
  /** Hash of the last event, 64 hex digits. */
  readonly hash: string;
}

export const EMPTY_STREAM: StreamHead = { revision: NO_STREAM, hash: GENESIS_HASH };

/**
 * Encodes events, chains each to the one before and gives each its id. The id is made of the event's hash, and
 * so of the whole content and place of the event: a store that finds the same id at the same revision found the
 * identical event, never another decision about the same command (docs/adr/0002).
 */
export function seal(
  stream: string,
  head: StreamHead,
  events: readonly LedgerEvent[],
): { readonly sealed: readonly NewEvent[]; readonly head: StreamHead } {
  let { revision, hash } = head;
  const sealed = events.map((event): NewEvent => {
    const { type, data } = encodeEvent(event);
    revision += 1;
    const link = chainEvent(hash, { stream, revision, type, data });
    hash = link.hash;
    return { id: link.id, type, data, metadata: link.metadata };
  });
  return { sealed, head: { revision, hash } };
}
