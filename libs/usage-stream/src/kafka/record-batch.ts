import type { ByteWriter } from './byte-writer.js';
import { crc32c } from './crc32c.js';

/** One message as a producer hands it over. */
export interface ProducedMessage {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, HeaderContent | readonly HeaderContent[] | undefined>>;
}

type HeaderContent = Buffer | string;

/** Whose batch it is, and where it stands among those of its producer and partition. */
export interface BatchOrigin {
  readonly transactional: boolean;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly timestampMs: number;
}

/** The format of record batches, and the bit of their attributes that says that a transaction wrote them. */
export const MAGIC = 2;
export const TRANSACTIONAL = 16;
/** First offset and length, which the length does not count. */
const BEFORE_LENGTH_ENDS = 12;
const CRC_AT = 17;
const CRC_BYTES = 4;
/** Records of 64 bytes to 8 KiB, nearly all of them, say their length in two bytes. */
const USUAL_LENGTH_BYTES = 2;

/** Writes a record batch (format 2, not compressed), every record at the batch's own time. */
export function writeRecordBatch(
  writer: ByteWriter,
  messages: readonly ProducedMessage[],
  origin: BatchOrigin,
): void {
  const start = writer.length;
  writer.int64(0n); // first offset: the broker's business
  writer.int32(0); // length, when it is known
  writer.int32(0); // partition leader epoch: likewise
  writer.int8(MAGIC);
  writer.int32(0); // CRC, when it is known
  writer.int16(origin.transactional ? TRANSACTIONAL : 0);
  writer.int32(messages.length - 1);
  writer.int64(BigInt(origin.timestampMs));
  writer.int64(BigInt(origin.timestampMs));
  writer.int64(origin.producerId);
  writer.int16(origin.producerEpoch);
  writer.int32(origin.firstSequence);
  writer.int32(messages.length);
  for (const [offsetDelta, message] of messages.entries()) writeRecord(writer, message, offsetDelta);
  writer.putUint32(start + BEFORE_LENGTH_ENDS - 4, writer.length - start - BEFORE_LENGTH_ENDS);
  writer.putUint32(start + CRC_AT, crc32c(writer.view(start + CRC_AT + CRC_BYTES)));
}

function writeRecord(
  writer: ByteWriter,
  { key = null, value, headers = {} }: ProducedMessage,
  offsetDelta: number,
): void {
  const start = writer.length;
  writer.int16(0); // room for the length
  writer.int8(0); // attributes: there are none
  writer.varInt(0); // time beyond the batch's
  writer.varInt(offsetDelta);
  writer.varIntBytes(key);
  writer.varIntBytes(value);
  writeHeaders(writer, headers);
  writer.putVarIntLength(start, USUAL_LENGTH_BYTES);
}

function writeHeaders(writer: ByteWriter, headers: NonNullable<ProducedMessage['headers']>): void {
  const names = Object.keys(headers);
  let count = 0;
  for (const name of names) {
    const content = headers[name];
    count += isList(content) ? content.length : 1;
  }
  writer.varInt(count);
  for (const name of names) {
    const content = headers[name];
    for (const one of isList(content) ? content : [content]) {
      writer.varIntBytes(name);
      writer.varIntBytes(one ?? null);
    }
  }
}

function isList<T>(content: T | readonly T[]): content is readonly T[] {
  return Array.isArray(content);
}
