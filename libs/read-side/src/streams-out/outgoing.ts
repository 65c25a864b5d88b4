import { alertOf, isWorthAnAlert, type Alert } from '#contracts';
import type { RecordedEvent } from '#event-store';
import { openRecorded, openSealed, type SealedEvent } from '#journal';
import type { OutgoingEvent } from '#usage-stream';

/** Where what the ledger tells goes. */
export interface OutgoingTopics {
  /** Every event of every account. */
  readonly events: string;
  /** What somebody may want to act on. */
  readonly alerts: string;
}

/** CloudEvents' `source` of each stream: with the id it is unique, and an alert has the id of its event. */
const SOURCE = { events: 'purser', alerts: 'purser/alerts' };

const JSON_TYPE = 'application/json';

/**
 * What one stored event is told as: itself, and an alert where it is worth one. CloudEvents 1.0 in Kafka's binary
 * mode, keyed by customer; the value of an event is the very bytes that are stored, and so is not read unless it is
 * worth an alert.
 *
 * @throws JournalCorrupt for bytes that do not have the hash they claim: nobody is told what was never written
 */
export function outgoingOf(recorded: RecordedEvent, topics: OutgoingTopics): readonly OutgoingEvent[] {
  const sealed = openSealed(recorded);
  const told: OutgoingEvent = {
    topic: topics.events,
    key: sealed.customerId,
    value: Buffer.from(recorded.data.buffer, recorded.data.byteOffset, recorded.data.byteLength),
    headers: {
      ce_specversion: '1.0',
      ce_id: sealed.eventId,
      ce_source: SOURCE.events,
      ce_type: recorded.type,
      ce_subject: sealed.customerId,
      ce_time: sealed.occurredAt,
      'content-type': JSON_TYPE,
      ce_revision: String(sealed.revision),
      ce_hash: sealed.hash,
      ce_previoushash: sealed.previousHash,
    },
  };
  const alert = isWorthAnAlert(recorded.type) ? alertOf(openRecorded(recorded)) : undefined;
  return alert === undefined ? [told] : [told, outgoingAlert(alert, sealed, topics)];
}

function outgoingAlert(alert: Alert, sealed: SealedEvent, topics: OutgoingTopics): OutgoingEvent {
  return {
    topic: topics.alerts,
    key: sealed.customerId,
    value: JSON.stringify(alert),
    headers: {
      ce_specversion: '1.0',
      ce_id: sealed.eventId,
      ce_source: SOURCE.alerts,
      ce_type: alert.kind,
      ce_subject: sealed.customerId,
      ce_time: sealed.occurredAt,
      'content-type': JSON_TYPE,
      ce_revision: String(sealed.revision),
    },
  };
}
