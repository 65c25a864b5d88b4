import {
  accountStream,
  contentFault,
  customerOfStream,
  decodeAccountEvent,
  isAccountEventType,
  occurredAtOf,
  readLink,
} from '#contracts';
import { evolve, type AccountEvent, type AccountState, type Instant } from '#domain';
import type { EventStore, Position, RecordedEvent } from '#event-store';
import { corrupt } from './journal-corrupt.js';

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

/**
 * The account after its next event.
 * @throws JournalCorrupt where the event does not fit what stands before it
 */
export function foldJournaled(
  state: AccountState,
  { customerId, revision, event }: JournaledEvent,
): AccountState {
  try {
    return evolve(state, event);
  } catch (error) {
    throw corrupt({ stream: accountStream(customerId), revision, type: event.type }, error);
  }
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
