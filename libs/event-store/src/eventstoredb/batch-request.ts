import { bytesField, numberField, WireWriter } from '#wire';
import { appendBytes } from '../append-size.js';
import { NO_STREAM, type NewEvent } from '../port.js';
import { contentType, type AppendRequest } from './append-requests.js';
import { PROPERTY, STREAM_IDENTIFIER, UUID } from './shared-fields.js';

/** The fields that are written, as streams.proto numbers them. */
const REQUEST = {
  correlation: bytesField(1),
  options: bytesField(2),
  event: bytesField(3),
  isFinal: numberField(4),
};
const OPTIONS = { stream: bytesField(1), position: numberField(2), noStream: bytesField(3) };
const PROPOSED = {
  id: bytesField(1),
  properties: bytesField(2),
  metadata: bytesField(3),
  data: bytesField(4),
};

/** What the message, and each event in it, has besides data and metadata, or a little more: memory is taken once. */
const USUAL_MESSAGE_BYTES = 200;
const USUAL_EVENT_BYTES = 140;

/**
 * The append as one message of a BatchAppend call (at most the size limit of an append, which gRPC takes whole), straight
 * to its bytes: the generated code takes a tenth of the time of the thread that appends. No deadline is sent: the
 * server would compare it with its own clock, and refuse everything when that is ahead.
 */
export function batchRequest(
  { stream, expectedRevision, events }: AppendRequest,
  correlation: string,
): Buffer {
  const to = new WireWriter(USUAL_MESSAGE_BYTES + events.length * USUAL_EVENT_BYTES + appendBytes(events));
  writeUuid(to, REQUEST.correlation, correlation);
  to.varint(REQUEST.options);
  const options = to.begin();
  to.varint(OPTIONS.stream);
  const identifier = to.begin();
  to.varint(STREAM_IDENTIFIER.name);
  to.text(stream);
  to.end(identifier);
  if (expectedRevision === NO_STREAM) {
    to.varint(OPTIONS.noStream);
    to.end(to.begin());
  } else {
    to.varint(OPTIONS.position);
    to.varint(expectedRevision);
  }
  to.end(options);
  for (const event of events) {
    to.varint(REQUEST.event);
    const proposed = to.begin();
    writeProposed(to, event);
    to.end(proposed);
  }
  to.varint(REQUEST.isFinal);
  to.varint(1);
  return to.toBuffer();
}

function writeProposed(to: WireWriter, { id, type, data, metadata }: NewEvent): void {
  writeUuid(to, PROPOSED.id, id);
  writeProperty(to, 'content-type', contentType(data));
  writeProperty(to, 'type', type);
  writeContent(to, PROPOSED.metadata, metadata);
  writeContent(to, PROPOSED.data, data);
}

function writeUuid(to: WireWriter, tag: number, uuid: string): void {
  to.varint(tag);
  const start = to.begin();
  to.varint(UUID.text);
  to.text(uuid);
  to.end(start);
}

function writeProperty(to: WireWriter, key: string, value: string): void {
  to.varint(PROPOSED.properties);
  const start = to.begin();
  to.varint(PROPERTY.key);
  to.text(key);
  to.varint(PROPERTY.value);
  to.text(value);
  to.end(start);
}

/** What is empty is left out. */
function writeContent(to: WireWriter, tag: number, content: Uint8Array): void {
  if (content.byteLength === 0) return;
  to.varint(tag);
  to.bytes(content);
}
