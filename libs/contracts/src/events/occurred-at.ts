import { isInstant, type Instant } from '#domain';
import { decodeEvent } from './event-codec.js';
import type { LedgerEventType } from './ledger-event-schemas.js';
import { currentVersion } from './upcasters.js';

const OCCURRED_AT = '},"occurredAt":"';
const INSTANT_LENGTH = 24;

/**
 * When a stored event happened, taken from its canonical text where it has to stand in it: behind the cause. Causes
 * hold texts only, in which every quote is escaped, so the first `}` behind the cause's beginning with
 * `,"occurredAt":"` behind it cannot be but its end. Whatever does not look like that (a brace in an id, say, or an
 * older version of the type) is decoded.
 *
 * Does not look at the rest of the event: whether it is one is for those to find out who need more of it.
 *
 * @throws StoredEventInvalid for a text that does not look like that and is no event either
 */
export function occurredAtOf(type: LedgerEventType, data: Uint8Array): Instant {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
  const beginning = beginningOf(type);
  if (text.startsWith(beginning) && text.endsWith(endOf(type))) {
    const causeEnd = text.indexOf('}', beginning.length);
    const from = causeEnd + OCCURRED_AT.length;
    const at = text.slice(from, from + INSTANT_LENGTH);
    const closed = text.charCodeAt(from + INSTANT_LENGTH) === QUOTE;
    if (closed && text.startsWith(OCCURRED_AT, causeEnd) && isInstant(at)) return at;
  }
  return decodeEvent(type, data).occurredAt;
}

const QUOTE = 34;

const beginnings = new Map<string, string>();

function beginningOf(type: LedgerEventType): string {
  const known = beginnings.get(type);
  if (known !== undefined) return known;
  const beginning = `{"type":"${type}","cause":{`;
  beginnings.set(type, beginning);
  return beginning;
}

function endOf(type: LedgerEventType): string {
  return `,"schemaVersion":${currentVersion(type)}}`;
}
