import { accountStream, customerOfStream, decodeAccountEvent, readLink } from '#contracts';
import type { AccountEvent } from '#domain';
import type { EventStore, Position, RecordedEvent } from '#event-store';

/** An account's event as it stands in the journal. */
export interface JournaledEvent {
  readonly customerId: string;
  readonly eventId: string;
  readonly revision: number;
  readonly position: Position;
  readonly hash: string;
  readonly previousHash: string;
  readonly event: AccountEvent;
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
    const why = error instanceof Error ? error.message : String(error);
    throw new JournalCorrupt(`${recorded.stream} revision ${recorded.revision} (${recorded.type}): ${why}`, {
      cause: error,
    });
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
