import { alertOf, linkFault } from '#contracts';
import type { RecordedEvent } from '#event-store';
import { JournalCorrupt, openRecorded, type JournaledEvent } from '#journal';
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
 * mode, keyed by customer; the value of an event is the very bytes that are stored.
 *
 * @throws JournalCorrupt for bytes that do not have the hash they claim: nobody is told what was never written
 */
export function outgoingOf(recorded: RecordedEvent, topics: OutgoingTopics): readonly OutgoingEvent[] {
  const journaled = openRecorded(recorded);
  const fault = linkFault(journaled.previousHash, recorded);
  if (fault !== undefined) {
    throw new JournalCorrupt(`${recorded.stream} revision ${recorded.revision} (${recorded.type}): ${fault}`);
  }
  const { customerId, revision, hash, previousHash } = journaled;
  const told: OutgoingEvent = {
    topic: topics.events,
    key: customerId,
    value: Buffer.from(recorded.data.buffer, recorded.data.byteOffset, recorded.data.byteLength),
    headers: {
      ...attributes(SOURCE.events, recorded.type, journaled),
      ce_revision: String(revision),
      ce_hash: hash,
      ce_previoushash: previousHash,
    },
  };
  const alert = alertOf(journaled);
  if (alert === undefined) return [told];
  return [
    told,
    {
      topic: topics.alerts,
      key: customerId,
      value: JSON.stringify(alert),
      headers: { ...attributes(SOURCE.alerts, alert.kind, journaled), ce_revision: String(revision) },
    },
  ];
}

function attributes(
  source: string,
  type: string,
  { eventId, customerId, event }: JournaledEvent,
): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: eventId,
    ce_source: source,
    ce_type: type,
    ce_subject: customerId,
    ce_time: event.occurredAt,
    'content-type': JSON_TYPE,
  };
}
