import kafkajs from 'kafkajs';

import { addHeader, HeaderMap, type DecodedHeaders } from './header-decoding.js';
import { MAGIC, TRANSACTIONAL } from './record-batch.js';
import { RecordBytes, RecordsUnread } from './record-bytes.js';

/** What kafkajs keeps of a batch beside each of its records. */
interface BatchContext {
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
  let delta = BEFORE_FIRST;
  for (let index = 0; index < count; index++) {
    const length = bytes.varInt();
    const end = bytes.at + length;
    const attributes = bytes.int8();
    const timestamp = exact(firstTimestamp + bytes.varInt());
    const offsetDelta = bytes.varInt();
    if (Math.abs(offsetDelta) > MAX_INT32)
      throw new RecordsUnread(`an offset ${offsetDelta} after the first`);
    delta = inOrder(offsetDelta, delta, context.lastOffsetDelta - (count - 1 - index));
    const offset = exact(firstOffset + delta);
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

/** Where nothing has come yet. */
const BEFORE_FIRST = -1;

/**
 * Brokers take records with any offsets in their batch, and a consumer goes on behind the last one: with an offset beyond
 * the batch, behind messages of others that nobody has read. So one that is not behind the record before it, or leaves no
 * room up to the batch's last offset for the records to come, is the nearest one that does.
 */
function inOrder(offsetDelta: number, before: number, latest: number): number {
  return Math.max(Math.min(Math.max(offsetDelta, before + 1), latest), before, 0);
}

/** The same for records that kafkajs has read, of whole batches. */
export function offsetsInOrder<R extends ReadByKafkajs>(records: readonly R[]): R[] {
  let delta = BEFORE_FIRST;
  let left = 0;
  return records.map((record, at) => {
    const { batchContext } = record;
    if (batchContext === undefined) return record;
    if (left === 0) {
      delta = BEFORE_FIRST;
      while (records[at + left]?.batchContext === batchContext) left += 1;
    }
    left -= 1;
    const first = BigInt(batchContext.firstOffset);
    delta = inOrder(Number(BigInt(record.offset) - first), delta, batchContext.lastOffsetDelta - left);
    return { ...record, offset: String(first + BigInt(delta)) };
  });
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
