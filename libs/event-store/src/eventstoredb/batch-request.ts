import { NO_STREAM, type NewEvent } from '../port.js';
import { contentType, type AppendRequest } from './append-requests.js';
import { bytesField, MAP_ENTRY, numberField, STREAM_IDENTIFIER, UUID } from './wire-format.js';
import { fieldBytes, uintBytes, WireWriter } from './wire-writer.js';

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

const UUID_CHARACTERS = 36;
const UUID_BYTES = fieldBytes(UUID_CHARACTERS);

/**
 * The append as one message of a BatchAppend call (at most the size limit of an append, which gRPC takes whole), straight
 * to its bytes: the generated code takes a tenth of the time of the thread that appends. No deadline is sent: the
 * server would compare it with its own clock, and refuse everything when that is ahead.
 */
export function batchRequest(
  { stream, expectedRevision, events }: AppendRequest,
  correlation: string,
): Buffer {
  const nameBytes = Buffer.byteLength(stream);
  const isNew = expectedRevision === NO_STREAM;
  const optionsBytes =
    fieldBytes(fieldBytes(nameBytes)) + (isNew ? fieldBytes(0) : 1 + uintBytes(expectedRevision));
  const sizes = events.map(proposedBytes);
  const size =
    fieldBytes(UUID_BYTES) +
    fieldBytes(optionsBytes) +
    sizes.reduce((sum, bytes) => sum + fieldBytes(bytes), 0) +
    2;
  const writer = new WireWriter(size);
  writeUuid(writer, REQUEST.correlation, correlation);
  writer.begin(REQUEST.options, optionsBytes);
  writer.begin(OPTIONS.stream, fieldBytes(nameBytes));
  writer.text(STREAM_IDENTIFIER.name, stream, nameBytes);
  if (isNew) writer.begin(OPTIONS.noStream, 0);
  else {
    writer.uint(OPTIONS.position);
    writer.uint(expectedRevision);
  }
  events.forEach((event, index) => {
    writer.begin(REQUEST.event, sizes[index] ?? 0);
    writeProposed(writer, event);
  });
  writer.uint(REQUEST.isFinal);
  writer.uint(1);
  return writer.bytes;
}

function proposedBytes({ type, data, metadata }: NewEvent): number {
  return (
    fieldBytes(UUID_BYTES) +
    fieldBytes(entryBytes('type', Buffer.byteLength(type))) +
    fieldBytes(entryBytes('content-type', contentType(data).length)) +
    (metadata.byteLength > 0 ? fieldBytes(metadata.byteLength) : 0) +
    (data.byteLength > 0 ? fieldBytes(data.byteLength) : 0)
  );
}

function writeProposed(writer: WireWriter, { id, type, data, metadata }: NewEvent): void {
  writeUuid(writer, PROPOSED.id, id);
  writeProperty(writer, 'content-type', contentType(data), contentType(data).length);
  writeProperty(writer, 'type', type, Buffer.byteLength(type));
  if (metadata.byteLength > 0) writer.content(PROPOSED.metadata, metadata);
  if (data.byteLength > 0) writer.content(PROPOSED.data, data);
}

function writeUuid(writer: WireWriter, tag: number, uuid: string): void {
  writer.begin(tag, UUID_BYTES);
  writer.text(UUID.text, uuid, UUID_CHARACTERS);
}

const entryBytes = (key: string, valueBytes: number): number =>
  fieldBytes(key.length) + fieldBytes(valueBytes);

function writeProperty(writer: WireWriter, key: string, value: string, valueBytes: number): void {
  writer.begin(PROPOSED.properties, entryBytes(key, valueBytes));
  writer.text(MAP_ENTRY.key, key, key.length);
  writer.text(MAP_ENTRY.value, value, valueBytes);
}
