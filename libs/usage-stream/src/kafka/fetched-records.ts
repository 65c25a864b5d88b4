import kafkajs from 'kafkajs';

import { addHeader, HeaderMap, type DecodedHeaders } from './header-decoding.js';
import { MAGIC, TRANSACTIONAL } from './record-batch.js';
import { RecordBytes, RecordsUnread } from './record-bytes.js';

/** What kafkajs keeps of a batch beside each of its records. */
export interface BatchContext {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly partitionLeaderEpoch: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly maxTimestamp: string;
  /** 0: the producer's, 1: the broker's. */
  readonly timestampType: number;
  readonly magicByte: number;
}

/** A record as kafkajs hands it on. */
export interface FetchedRecord {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: DecodedHeaders;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

/** Where every format says which it is. */
const MAGIC_AT = 16;
const LOG_APPEND_TIME = 1;
const MASKS = { codec: 0x07, appendTime: 0x08, transactional: TRANSACTIONAL, control: 0x20 };
/** Fewer bytes at the end are no batch to kafkajs. */
const LEAST_BATCH_BYTES = 49;
const MAX_INT32 = 2 ** 31 - 1;

/**
 * The records of all batches (format 2) that a broker sent of one partition. The last batch may be cut off, as fetches
 * are bounded by bytes; its records come again.
 *
 * @throws RecordsUnread
 */
export async function readRecords(bytes: Buffer): Promise<FetchedRecord[]> {
  if (bytes[MAGIC_AT] !== MAGIC) throw new RecordsUnread(`messages of format ${bytes[MAGIC_AT]}`);
  const records: FetchedRecord[] = [];
  const batches = new RecordBytes(bytes);
  while (batches.left >= LEAST_BATCH_BYTES) {
    const firstOffset = batches.int64();
    const length = batches.int32();
    if (length > batches.left) break;
    await readBatch(batches.part(length), firstOffset, records);
  }
  return records;
}

async function readBatch(batch: RecordBytes, firstOffset: bigint, into: FetchedRecord[]): Promise<void> {
  const partitionLeaderEpoch = batch.int32();
  const magicByte = batch.int8();
  if (magicByte !== MAGIC) throw new RecordsUnread(`a batch of format ${magicByte}`);
  batch.int32(); // CRC: kafkajs does not look at it either
  const attributes = batch.int16();
  const lastOffsetDelta = batch.int32();
  const firstTimestamp = batch.int64();
  const context: BatchContext = {
    firstOffset: firstOffset.toString(),
    firstTimestamp: firstTimestamp.toString(),
    partitionLeaderEpoch,
    inTransaction: (attributes & MASKS.transactional) > 0,
    isControlBatch: (attributes & MASKS.control) > 0,
    lastOffsetDelta,
    maxTimestamp: batch.int64().toString(),
    producerId: batch.int64().toString(),
    producerEpoch: batch.int16(),
    firstSequence: batch.int32(),
    timestampType: (attributes & MASKS.appendTime) > 0 ? LOG_APPEND_TIME : 0,
    magicByte,
  };
  const count = batch.int32();
  const codec = attributes & MASKS.codec;
  if (count < 0) throw new RecordsUnread(`${count} records`);
  const records = codec === 0 || count === 0 ? batch : await expanded(codec, batch.rest());
  readRecordsOf(context, records, count, into);
}

/** What a batch was before it was compressed. */
async function expanded(codec: number, compressed: Buffer): Promise<RecordBytes> {
  const codecs: Readonly<Record<number, (() => Codec) | undefined>> = kafkajs.CompressionCodecs;
  const made = codecs[codec];
  if (made === undefined) throw new RecordsUnread(`compression ${codec}`);
  return new RecordBytes(await made().decompress(compressed));
}

interface Codec {
  decompress(bytes: Buffer): Promise<Buffer>;
}

function readRecordsOf(
  context: BatchContext,
  bytes: RecordBytes,
  count: number,
  into: FetchedRecord[],
): void {
  const firstOffset = exact(Number(context.firstOffset));
  const firstTimestamp = exact(Number(context.firstTimestamp));
  const appendTime = context.timestampType === LOG_APPEND_TIME ? context.maxTimestamp : undefined;
  const latest: Header[] = [];
  for (let index = 0; index < count; index++) {
    const length = bytes.varInt();
    const end = bytes.at + length;
    const attributes = bytes.int8();
    const timestamp = exact(firstTimestamp + bytes.varInt());
    const offsetDelta = bytes.varInt();
    if (Math.abs(offsetDelta) > MAX_INT32)
      throw new RecordsUnread(`an offset ${offsetDelta} after the first`);
    const offset = exact(firstOffset + within(offsetDelta, context.lastOffsetDelta));
    const key = bytes.varIntBytes();
    const value = bytes.varIntBytes();
    const headers = readHeaders(bytes, latest);
    if (bytes.at !== end) throw new RecordsUnread('a record that is shorter or longer than it says');
    into.push({
      magicByte: MAGIC,
      attributes,
      timestamp: appendTime ?? String(timestamp),
      offset: String(offset),
      key,
      value,
      headers,
      isControlRecord: context.isControlBatch,
      batchContext: context,
    });
  }
}

/**
 * Brokers take a record with any offset in its batch, and a consumer goes on behind the last one: with an offset beyond
 * its batch, behind messages of others that nobody has read.
 */
function within(offsetDelta: number, lastOffsetDelta: number): number {
  return Math.min(Math.max(offsetDelta, 0), lastOffsetDelta);
}

/** The same for a record that kafkajs has read. */
export function withinBatch<R extends ReadByKafkajs>(record: R): R {
  if (record.batchContext === undefined) return record;
  const { firstOffset, lastOffsetDelta } = record.batchContext;
  const first = BigInt(firstOffset);
  const offsetDelta = Number(BigInt(record.offset) - first);
  return { ...record, offset: String(first + BigInt(within(offsetDelta, lastOffsetDelta))) };
}

interface ReadByKafkajs {
  readonly offset: string;
  readonly batchContext?: { readonly firstOffset: string; readonly lastOffsetDelta: number };
}

function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RecordsUnread(`${value} is not exact`);
  return value;
}

interface Header {
  readonly name: string;
  readonly value: Buffer | null;
}

/** `latest`: the headers of the record before, which are mostly the same; those of this one afterwards. */
function readHeaders(bytes: RecordBytes, latest: Header[]): DecodedHeaders {
  const headers = new HeaderMap();
  const count = bytes.varInt();
  if (count < 0) throw new RecordsUnread(`${count} headers`);
  for (let index = 0; index < count; index++) {
    const before = latest[index];
    const name = bytes.varIntText(before?.name);
    const value = bytes.varIntBytes(before?.value);
    if (name !== before?.name || value !== before.value) latest[index] = { name, value };
    addHeader(headers, name, value);
  }
  return headers;
}
