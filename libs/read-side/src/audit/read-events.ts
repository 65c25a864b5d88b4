import { ACCOUNT_STREAM_PREFIX, accountStream, CATALOG_STREAM, toTimestamp, type rpc } from '#contracts';
import { instantFromMs } from '#domain';
import type { EventStore, Position, RecordedEvent } from '#event-store';
import { unknownCustomer } from '../account/accounts.js';

/** Where to read the journal from. */
export type ReadFrom =
  | { readonly customerId: string; readonly revision: number }
  /** Everything strictly after a position of the total order; undefined: from the beginning. */
  | { readonly after: Position | undefined };

/** Events per message: far below gRPC's limit of 4 MiB for events of a kilobyte. */
const EVENTS_PER_MESSAGE = 500;
const BYTES_PER_MESSAGE = 1_000_000;

/**
 * The events as they are stored, many per message.
 * @throws Refused CUSTOMER_UNKNOWN
 */
export async function* readEvents(
  store: EventStore,
  from: ReadFrom,
  limit: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<rpc.ReadEventsResponse> {
  const bound = limit === undefined ? {} : { limit };
  const batches =
    'customerId' in from
      ? store.readStream(accountStream(from.customerId), { from: from.revision, ...bound })
      : store.readAll({
          ...(from.after !== undefined && { after: from.after }),
          streamPrefixes: [ACCOUNT_STREAM_PREFIX, CATALOG_STREAM],
          ...bound,
        });
  let any = false;
  for await (const batch of batches) {
    any ||= batch.length > 0;
    for (const events of messagesOf(batch)) {
      signal.throwIfAborted();
      yield { events };
    }
  }
  if ('customerId' in from && !any && !(await hasAccount(store, from.customerId)))
    throw unknownCustomer(from.customerId, 'has no account');
}

/** Nothing may follow a revision of an account that there is. */
async function hasAccount(store: EventStore, customerId: string): Promise<boolean> {
  for await (const batch of store.readStream(accountStream(customerId), { from: 0, limit: 1 })) {
    if (batch.length > 0) return true;
  }
  return false;
}

function* messagesOf(batch: readonly RecordedEvent[]): Generator<rpc.StoredEvent[]> {
  let events: rpc.StoredEvent[] = [];
  let bytes = 0;
  for (const recorded of batch) {
    const size = recorded.data.length + recorded.metadata.length;
    if (events.length >= EVENTS_PER_MESSAGE || (events.length > 0 && bytes + size > BYTES_PER_MESSAGE)) {
      yield events;
      events = [];
      bytes = 0;
    }
    events.push(storedEvent(recorded));
    bytes += size;
  }
  if (events.length > 0) yield events;
}

function storedEvent(recorded: RecordedEvent): rpc.StoredEvent {
  const { stream, revision, position, id, type, data, metadata, storedAtMs } = recorded;
  return {
    stream,
    revision,
    position: position.toString(),
    eventId: id,
    type,
    data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    metadata: Buffer.from(metadata.buffer, metadata.byteOffset, metadata.byteLength),
    storedAt: toTimestamp(instantFromMs(Math.trunc(storedAtMs))),
  };
}
