import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import { NO_STREAM, type NewEvent } from '../port.js';

/** One append, as this adapter hands it around. */
export interface AppendRequest {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly events: readonly NewEvent[];
}

const OPENING_BRACE = 0x7b;

/**
 * Tells the server's console and projections that an event is JSON. The server stores and returns the very bytes
 * whatever this says; only the client's own reader would parse them, and it is not used.
 */
export function contentType(data: Uint8Array): string {
  return data[0] === OPENING_BRACE ? 'application/json' : 'application/octet-stream';
}

export function streamIdentifier(stream: string): InstanceType<typeof shared.StreamIdentifier> {
  return new shared.StreamIdentifier().setStreamName(new TextEncoder().encode(stream));
}

export function uuid(text: string): UUID {
  return new shared.UUID().setString(text);
}

function proposed(event: NewEvent): AppendReq.ProposedMessage {
  const message = new streams.AppendReq.ProposedMessage();
  message.setId(uuid(event.id)).setData(event.data).setCustomMetadata(event.metadata);
  const properties = message.getMetadataMap();
  properties.set('type', event.type);
  properties.set('content-type', contentType(event.data));
  return message;
}

/** The append as the messages of one Append call. */
export function* singleRequests({ stream, expectedRevision, events }: AppendRequest): Generator<AppendReq> {
  const options = new streams.AppendReq.Options().setStreamIdentifier(streamIdentifier(stream));
  if (expectedRevision === NO_STREAM) options.setNoStream(new shared.Empty());
  else options.setRevision(String(expectedRevision));
  yield new streams.AppendReq().setOptions(options);
  for (const event of events) {
    yield new streams.AppendReq().setProposedMessage(proposed(event));
  }
}
