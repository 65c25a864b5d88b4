import type { RecordedEvent } from '../port.js';
import { UUID_BYTES, uuidText } from './uuid-bytes.js';

/**
 * An event as the queries describe it. An array, and id, data and metadata one behind the other in a blob, because each
 * object and each Buffer that crosses from SQLite costs more than the row itself.
 */
export type Described = readonly [
  name: string,
  position: number,
  revision: number,
  type: string,
  storedAt: number,
  dataBytes: number,
  metadataBytes: number,
];

/** Of the blob, the bytes that are this event's. */
export function contentBytes(described: Described): number {
  return UUID_BYTES + described[5] + described[6];
}

/**
 * @param described may be longer: a row of a query whose last column is the blob
 * @param at where in the blob its 16 bytes of id stand; the data follow, then the metadata
 */
export function recorded(
  described: readonly [...Described, ...unknown[]],
  content: Buffer,
  at = 0,
): RecordedEvent {
  const [stream, position, revision, type, storedAtMs, dataBytes, metadataBytes] = described;
  const dataAt = at + UUID_BYTES;
  const metadataAt = dataAt + dataBytes;
  return {
    stream,
    revision,
    position: BigInt(position),
    id: uuidText(content, at),
    type,
    data: content.subarray(dataAt, metadataAt),
    metadata: content.subarray(metadataAt, metadataAt + metadataBytes),
    storedAtMs,
  };
}
