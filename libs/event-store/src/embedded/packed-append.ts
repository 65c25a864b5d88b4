import { EventsDamaged } from '../errors.js';
import type { NewEvent, RecordedEvent } from '../port.js';
import { UUID_BYTES, uuidText, writeUuid } from './uuid-bytes.js';

/**
 * The events of one append as the file keeps them, in one blob: of each event the lengths of its type, data and
 * metadata (4 bytes each, little endian), its id (16 bytes), then the three. A row and an entry in the index cost the
 * same for one event as for many.
 */
const LENGTH_BYTES = 4;
const TYPE_LENGTH_AT = 0;
const DATA_LENGTH_AT = TYPE_LENGTH_AT + LENGTH_BYTES;
const METADATA_LENGTH_AT = DATA_LENGTH_AT + LENGTH_BYTES;
const ID_AT = METADATA_LENGTH_AT + LENGTH_BYTES;
const TYPE_AT = ID_AT + UUID_BYTES;

/** How many bytes `packInto` needs. */
export function packedBytes(events: readonly NewEvent[]): number {
  let bytes = 0;
  for (const { type, data, metadata } of events) {
    bytes += TYPE_AT + Buffer.byteLength(type) + data.byteLength + metadata.byteLength;
  }
  return bytes;
}

/** Writes the blob of these events at `at`. @returns where it ends */
export function packInto(target: Buffer, at: number, events: readonly NewEvent[]): number {
  for (const { id, type, data, metadata } of events) {
    const typeBytes = target.write(type, at + TYPE_AT);
    target.writeUInt32LE(typeBytes, at + TYPE_LENGTH_AT);
    target.writeUInt32LE(data.byteLength, at + DATA_LENGTH_AT);
    target.writeUInt32LE(metadata.byteLength, at + METADATA_LENGTH_AT);
    writeUuid(target, at + ID_AT, id);
    const dataAt = at + TYPE_AT + typeBytes;
    target.set(data, dataAt);
    target.set(metadata, dataAt + data.byteLength);
    at = dataAt + data.byteLength + metadata.byteLength;
  }
  return at;
}

/** The blob of these events. */
export function packed(events: readonly NewEvent[]): Buffer {
  const blob = Buffer.allocUnsafe(packedBytes(events));
  packInto(blob, 0, events);
  return blob;
}

/** An append as its row describes it. An array, because reading an object costs more. */
export type AppendRow = readonly [
  stream: string,
  /** Of its last event. */
  position: number,
  /** Of its last event. */
  revision: number,
  events: number,
  storedAt: number,
  blob: Buffer,
];

/**
 * The events of an append, in their order; data and metadata are views of the blob.
 *
 * @throws EventsDamaged where the blob is not that of as many events
 */
export function unpacked(row: AppendRow): RecordedEvent[] {
  const [stream, position, revision, events, storedAtMs, blob] = row;
  if (!canHold(blob, events)) throw damaged(row);
  const recorded = new Array<RecordedEvent>(events);
  let at = 0;
  for (let i = 0; i < events; i += 1) {
    const before = events - 1 - i;
    const typeAt = at + TYPE_AT;
    if (typeAt > blob.length) throw damaged(row);
    const dataAt = typeAt + blob.readUInt32LE(at + TYPE_LENGTH_AT);
    const metadataAt = dataAt + blob.readUInt32LE(at + DATA_LENGTH_AT);
    const end = metadataAt + blob.readUInt32LE(at + METADATA_LENGTH_AT);
    if (end > blob.length) throw damaged(row);
    recorded[i] = {
      stream,
      revision: revision - before,
      position: BigInt(position - before),
      id: uuidText(blob, at + ID_AT),
      type: typeText(blob, typeAt, dataAt),
      data: blob.subarray(dataAt, metadataAt),
      metadata: blob.subarray(metadataAt, end),
      storedAtMs,
    };
    at = end;
  }
  if (at !== blob.length) throw damaged(row);
  return recorded;
}

/** SQLite keeps any value in any column; and room is made for the events before the first of them is read. */
function canHold(blob: unknown, events: number): boolean {
  return Buffer.isBuffer(blob) && Number.isInteger(events) && events > 0 && events * TYPE_AT <= blob.length;
}

function damaged([stream, position, revision, events, , blob]: AppendRow): EventsDamaged {
  const bytes = Buffer.isBuffer(blob) ? `${blob.length} bytes` : typeof blob;
  const why = `what is stored at position ${position} (${bytes}) is not an append of ${events} events`;
  return new EventsDamaged(stream, revision, BigInt(position), why);
}

/** Events have a dozen types, and mostly that of the event before. A text of ASCII, or one that stands nowhere. */
let latestType = '';

function typeText(blob: Buffer, from: number, to: number): string {
  if (stands(latestType, blob, from, to)) return latestType;
  const type = blob.toString('utf8', from, to);
  if (type.length === to - from) latestType = type;
  return type;
}

function stands(text: string, blob: Buffer, from: number, to: number): boolean {
  if (to - from !== text.length) return false;
  for (let at = from; at < to; at += 1) if (blob[at] !== text.charCodeAt(at - from)) return false;
  return true;
}
