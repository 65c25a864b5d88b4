import { ACCOUNT_STREAM_PREFIX, accountStream, customerOfStream } from '#contracts';
import { usageIdentity, identityOf } from '#domain';
import type { EventStore, RecordedEvent } from '#event-store';
import { openRecorded } from '#journal';

export interface UsageKey {
  readonly source: string;
  readonly id: string;
}

/** Where a usage event was first recorded. */
export interface FoundUsage {
  readonly customerId: string;
  readonly revision: number;
}

/**
 * Looks through one account, or all of them, for a usage event: ids are unique only within an account, so there may
 * be several. The stored bytes are searched before anything is decoded.
 */
export async function* findUsage(
  journal: EventStore,
  key: UsageKey,
  customerId: string | undefined,
  passed: (events: number) => void,
): AsyncGenerator<FoundUsage> {
  const identity = usageIdentity(key.source, key.id);
  const needle = Buffer.from(JSON.stringify(key.id));
  let last: FoundUsage | undefined;
  for await (const batch of eventsOf(journal, customerId)) {
    passed(batch.length);
    for (const recorded of batch) {
      if (!bytesOf(recorded).includes(needle)) continue;
      const { event, revision } = openRecorded(recorded);
      if (identityOf(event.cause) !== identity) continue;
      const found = { customerId: customerOfStream(recorded.stream) ?? '', revision };
      // A usage event may have caused several events; they stand together.
      if (last?.customerId !== found.customerId) yield found;
      last = found;
    }
  }
}

function eventsOf(
  journal: EventStore,
  customerId: string | undefined,
): AsyncIterable<readonly RecordedEvent[]> {
  return customerId === undefined
    ? journal.readAll({ streamPrefixes: [ACCOUNT_STREAM_PREFIX] })
    : journal.readStream(accountStream(customerId));
}

function bytesOf({ data }: RecordedEvent): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
