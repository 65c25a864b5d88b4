import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { RecordedEvent } from '../port.js';

/** .NET ticks: 100 nanoseconds. */
const TICKS_PER_MS = 10_000n;

/** An event as the server sent it, its bytes untouched. Links are never resolved, so there is always an event. */
export function recorded(message: ReadResp.ReadEvent): RecordedEvent {
  const event = message.getEvent();
  if (!event) throw new Error('the event store sent an event without content');
  const properties = event.getMetadataMap();
  return {
    stream: Buffer.from(event.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8'),
    revision: Number(event.getStreamRevision()),
    position: BigInt(event.getCommitPosition()),
    id: event.getId()?.getString() ?? '',
    type: properties.get('type') ?? '',
    data: event.getData_asU8(),
    metadata: event.getCustomMetadata_asU8(),
    storedAtMs: millisecondsOf(properties.get('created') ?? '0'),
  };
}

/** @param created in ticks, too many of them to be exact in a number */
export function millisecondsOf(created: string): number {
  return Number(BigInt(created) / TICKS_PER_MS);
}
