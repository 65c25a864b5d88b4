import { isInstant, type Instant } from '#domain';
import { EventBytes } from './event-bytes.js';
import { decodeEvent } from './event-codec.js';
import type { LedgerEventType } from './ledger-event-schemas.js';
import { currentVersion } from './upcasters.js';
import { CLOSE_OBJECT } from '../json-marks.js';

const OCCURRED_AT = Buffer.from('},"occurredAt":');

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
  bytes.restart(data);
  const at = writtenInstant(type);
  bytes.release();
  return at !== undefined && isInstant(at) ? at : decodeEvent(type, data).occurredAt;
}

function writtenInstant(type: LedgerEventType): string | undefined {
  const { beginning, end } = frameOf(type);
  const written =
    bytes.endsWith(end) && bytes.has(beginning) && bytes.skipTo(CLOSE_OBJECT) && bytes.has(OCCURRED_AT);
  return written ? bytes.text() : undefined;
}

/** Reading waits for nothing, so one is enough for all. */
const bytes = new EventBytes();

/** What the text of an event of some type begins and ends with. */
interface Frame {
  readonly beginning: Uint8Array;
  readonly end: Uint8Array;
}

const frames = new Map<string, Frame>();

function frameOf(type: LedgerEventType): Frame {
  const known = frames.get(type);
  if (known !== undefined) return known;
  const frame = {
    beginning: Buffer.from(`{"type":"${type}","cause":{`),
    end: Buffer.from(`,"schemaVersion":${currentVersion(type)}}`),
  };
  frames.set(type, frame);
  return frame;
}
