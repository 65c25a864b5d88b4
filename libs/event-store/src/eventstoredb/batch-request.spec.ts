import { describe, expect, it } from '@jest/globals';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { NO_STREAM } from '../port.js';
import { contentType, streamIdentifier, uuid, type AppendRequest } from './append-requests.js';
import { batchRequest } from './batch-request.js';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.constant(new Uint8Array(20_000).fill(7)),
  fc.json().map((text) => new TextEncoder().encode(text)),
);

const requests: fc.Arbitrary<AppendRequest> = fc.record({
  stream: fc.oneof(
    fc.constant('account-cust_42'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
  ),
  expectedRevision: fc.oneof(fc.constant(NO_STREAM), fc.nat(300), fc.integer({ min: 0, max: 2 ** 50 })),
  events: fc.array(
    fc.record({
      id: fc.uuid(),
      type: fc.string({ unit: 'grapheme', minLength: 1 }),
      data: bytes,
      metadata: bytes,
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

/** The same by the generated code. */
function generated({ stream, expectedRevision, events }: AppendRequest, correlation: string): Uint8Array {
  const options = new streams.BatchAppendReq.Options().setStreamIdentifier(streamIdentifier(stream));
  if (expectedRevision === NO_STREAM) options.setNoStream(new empty.Empty());
  else options.setStreamPosition(String(expectedRevision));
  const messages = events.map(({ id, type, data, metadata }) => {
    const message = new streams.BatchAppendReq.ProposedMessage();
    message.setId(uuid(id)).setData(data).setCustomMetadata(metadata);
    message.getMetadataMap().set('type', type).set('content-type', contentType(data));
    return message;
  });
  return new streams.BatchAppendReq()
    .setCorrelationId(new shared.UUID().setString(correlation))
    .setOptions(options)
    .setProposedMessagesList(messages)
    .setIsFinal(true)
    .serializeBinary();
}

describe('the message of a BatchAppend call', () => {
  it('is byte for byte what the generated code makes of it', () => {
    fc.assert(
      fc.property(requests, fc.uuid(), (request, correlation) => {
        const expected = Buffer.from(generated(request, correlation));
        expect(batchRequest(request, correlation).equals(expected)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
