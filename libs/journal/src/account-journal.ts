import {
  accountStream,
  contentFault,
  customerOfStream,
  decodeAccountEvent,
  isAccountEventType,
  occurredAtOf,
  readLink,
} from '#contracts';
import type { AccountEvent, Instant } from '#domain';
import type { EventStore, Position, RecordedEvent } from '#event-store';

/** Where an account's event stands in the journal. */
export interface JournaledPlace {
  readonly customerId: string;
  readonly eventId: string;
  readonly revision: number;
  readonly position: Position;
  readonly hash: string;
  readonly previousHash: string;
}

/** An account's event as it stands in the journal. */
export interface JournaledEvent extends JournaledPlace {
  readonly event: AccountEvent;
}

/** An account's event that has the hash and the id it claims, and when it happened; not read any further. */
export interface SealedEvent extends JournaledPlace {
  readonly occurredAt: Instant;
}

/** What is stored cannot be what this ledger wrote: stop, and let an auditor look. */
export class JournalCorrupt extends Error {
  override readonly name = 'JournalCorrupt';
}

/** @throws JournalCorrupt naming the stream, the revision and what is wrong */
export function openRecorded(recorded: RecordedEvent): JournaledEvent {
  try {
    const link = readLink(recorded.metadata);
    return {
      customerId: customerOfStream(recorded.stream) ?? notAnAccount(),
      eventId: recorded.id,
      revision: recorded.revision,
      position: recorded.position,
      hash: link.hash,
      previousHash: link.previous,
      event: decodeAccountEvent(recorded.type, recorded.data),
    };
  } catch (error) {
    throw corrupt(recorded, error);
  }
}

/**
 * Checks that an event has the hash and the id it claims, and reads no more of it than it takes to place it:
 * cheaper than `openRecorded`, which takes the hash at its word.
 *
 * @throws JournalCorrupt naming the stream, the revision and what is wrong
 */
export function openSealed(recorded: RecordedEvent): SealedEvent {
  try {
    const { type, stream, id, revision, position, data } = recorded;
    const link = readLink(recorded.metadata);
    const fault = contentFault(link, recorded);
    if (fault !== undefined) throw new Error(fault);
    if (!isAccountEventType(type)) throw new Error('this is no event of an account');
    return {
      customerId: customerOfStream(stream) ?? notAnAccount(),
      eventId: id,
      revision,
      position,
      hash: link.hash,
      previousHash: link.previous,
      occurredAt: occurredAtOf(type, data),
    };
  } catch (error) {
    throw corrupt(recorded, error);
  }
}

function corrupt({ stream, revision, type }: RecordedEvent, error: unknown): JournalCorrupt {
  const why = error instanceof Error ? error.message : String(error);
  return new JournalCorrupt(`${stream} revision ${revision} (${type}): ${why}`, { cause: error });
}

/** Reads an account's events from a revision on, in batches. */
export async function* readAccount(
  store: EventStore,
  customerId: string,
  from = 0,
  limit?: number,
): AsyncIterable<readonly JournaledEvent[]> {
  const options = limit === undefined ? { from } : { from, limit };
  for await (const batch of store.readStream(accountStream(customerId), options))
    yield batch.map(openRecorded);
}

function notAnAccount(): never {
  throw new Error('this is not the stream of an account');
}
