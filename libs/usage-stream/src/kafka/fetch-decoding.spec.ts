import { isDeepStrictEqual } from 'node:util';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import MessageSet from 'kafkajs/src/protocol/messageSet/index.js';
import recordBatch from 'kafkajs/src/protocol/recordBatch/v0/index.js';
import Record from 'kafkajs/src/protocol/recordBatch/record/v0/index.js';
import Fetch from 'kafkajs/src/protocol/requests/fetch/index.js';
import fetchV11 from 'kafkajs/src/protocol/requests/fetch/v11/response.js';

import './connection.js';
import { hideAborted } from './aborted-records.js';
import { ByteWriter } from './byte-writer.js';
import { offsetsInOrder, readRecords } from './fetched-records.js';
import { writeRecordBatch } from './record-batch.js';
import { RecordsUnread } from './record-bytes.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('', 'content-type', 'content-typf', 'ce_id', 'constructor', '__proto__', 'ä'.repeat(70)),
);
// Lengths at which the length of a part, or of the record, takes another byte.
const bytes = fc
  .oneof(fc.nat({ max: 130 }), fc.constantFrom(8_100, 8_192))
  .map((length) => Buffer.alloc(length, 'x'));

const record = fc.record({
  // In thirty years there are more milliseconds than four bytes hold.
  timestampDelta: fc.oneof(
    fc.integer({ min: -5, max: 3_000 }),
    fc.maxSafeInteger().map((ms) => ms % 1e12),
  ),
  key: fc.oneof(bytes, fc.constant(null)),
  value: fc.oneof(bytes, fc.constant(null)),
  headers: fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 3 })), { maxKeys: 4 }),
});

const ATTRIBUTES = { plain: 0, gzip: 1, appendTime: 8, control: 32 };
const ATTRIBUTES_AT = 22;
const BATCH_HEADER_BYTES = 61;

const batch = fc.record({
  firstOffset: fc.oneof(fc.nat(), fc.maxSafeInteger().map(Math.abs)),
  firstTimestamp: fc.oneof(fc.constantFrom(-1, 2 ** 60), fc.nat({ max: 4_102_444_800_000 })),
  maxTimestamp: fc.nat({ max: 4_102_444_800_000 }),
  partitionLeaderEpoch: fc.integer({ min: -1, max: 100 }),
  transactional: fc.boolean(),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }).map(String),
  producerEpoch: fc.nat({ max: 32_767 }),
  firstSequence: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  compression: fc.constantFrom(ATTRIBUTES.plain, ATTRIBUTES.plain, ATTRIBUTES.gzip),
  attributes: fc.constantFrom(0, 0, ATTRIBUTES.appendTime, ATTRIBUTES.control),
  // After compaction offsets have gaps, and a batch may have no record left.
  gap: fc.constantFrom(1, 1, 1_000),
  records: fc.array(record, { maxLength: 4 }),
});
type Batch = typeof batch extends fc.Arbitrary<infer T> ? T : never;

async function encoded({ records, gap, attributes, ...of }: Batch): Promise<Buffer> {
  const { buffer } = await recordBatch.RecordBatch({
    ...of,
    lastOffsetDelta: Math.max(0, records.length - 1) * gap,
    records: records.map((each, index) => Record({ ...each, offsetDelta: index * gap })),
  });
  const bytesOf = Buffer.from(buffer);
  bytesOf[ATTRIBUTES_AT] = (bytesOf[ATTRIBUTES_AT] ?? 0) | attributes;
  return bytesOf;
}

const partition = fc.record({
  aborted: fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 99n }), fc.bigInt({ min: 0n, max: 2n ** 62n }))),
  batches: fc.array(batch, { maxLength: 3 }),
  /** Of the last batch, which the broker does not send to its end. */
  cutOff: fc.oneof(fc.constant(0), fc.nat({ max: 200 })),
});

async function recordSet(batches: readonly Batch[], cutOff = 0): Promise<Buffer> {
  const all = Buffer.concat(await Promise.all(batches.map(encoded)));
  return all.subarray(0, Math.max(0, all.length - cutOff));
}

const ORIGIN = { transactional: false, producerId: -1n, producerEpoch: 0, firstSequence: 0, timestampMs: 0 };

interface Lengths {
  readonly key?: number;
  readonly value?: number;
  readonly headerName?: number;
  readonly headerValue?: number;
}

const FIRST_TIMESTAMP_AT = 27;

/** A batch of one record with one header, of such lengths: the last bytes are those, one each, and the header's name. */
function withLengths({ key = -1, value = -1, headerName = 1, headerValue = -1 }: Lengths): Buffer {
  const writer = new ByteWriter();
  writeRecordBatch(writer, [{ key: null, value: null, headers: { a: undefined } }], ORIGIN);
  const batch = Buffer.from(writer.view());
  const zigzag = (length: number) => (length < 0 ? -2 * length - 1 : 2 * length);
  const tail = [
    zigzag(key),
    zigzag(value),
    zigzag(1),
    zigzag(headerName),
    'a'.charCodeAt(0),
    zigzag(headerValue),
  ];
  batch.set(tail, batch.length - tail.length);
  return batch;
}

/** The body of a broker's answer with the records of one partition. */
function answer(records: Buffer, aborted: readonly (readonly [bigint, bigint])[] = []): Buffer {
  const writer = new ByteWriter();
  writer.int32(7);
  writer.int16(0);
  writer.int32(0);
  writer.int32(1);
  writer.string('usage-events');
  writer.int32(1);
  writer.int32(3);
  writer.int16(0);
  for (const offset of [1_000n, 999n, 0n]) writer.int64(offset);
  writer.int32(aborted.length === 0 ? -1 : aborted.length);
  for (const each of aborted) for (const id of each) writer.int64(id);
  writer.int32(-1);
  writer.int32(records.length);
  return Buffer.concat([writer.view(), records]);
}

const responseOf = (version: number) => Fetch.protocol({ version })({ maxWaitTime: 1, topics: [] }).response;
const ours = responseOf(11).decode;
/** Of the value, or of the error. */
const outcome = (decoding: Promise<object>) =>
  decoding.catch((error: unknown) => String(error).replace(SAYS_WHERE, ''));
const SAYS_WHERE = /the records of .*? from offset (-?\d+|\?) on cannot be read: /s;

/** With kafkajs as `connect` mends it: negative lengths are null there too. */
async function isReadTheSame(body: Buffer): Promise<boolean> {
  return isDeepStrictEqual(await outcome(ours(body)), await outcome(kafkajsReads(body)));
}

/** What is hidden of aborted transactions, and the order of offsets, have specs of their own. */
async function kafkajsReads(body: Buffer): Promise<object> {
  const answer = await fetchV11.decode(body);
  const responses = answer.responses.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map((each) => ({
      ...each,
      abortedTransactions: [],
      messages: hideAborted(offsetsInOrder(each.messages), each.abortedTransactions),
    })),
  }));
  return { ...answer, responses };
}

describe('the answer to a fetch', () => {
  it('is read to what kafkajs makes of it, whatever producers and brokers put into it', async () => {
    await fc.assert(
      fc.asyncProperty(partition, async ({ aborted, batches, cutOff }) => {
        const body = answer(await recordSet(batches, cutOff), aborted);
        expect(await isReadTheSame(body)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('is read here, not by kafkajs, where it is in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 3 }), async (batches) => {
        const near = batches.map((each) => ({
          ...each,
          firstOffset: each.firstOffset % 2 ** 52,
          firstTimestamp: each.firstTimestamp % 2 ** 52,
        }));
        const count = (of: readonly Batch[]) => of.reduce((sum, each) => sum + each.records.length, 0);
        expect(await readRecords(await recordSet(near))).toHaveLength(count(near));
        expect(await readRecords(await recordSet(near, 1))).toHaveLength(count(near.slice(0, -1)));
      }),
      { numRuns: 50 },
    );
  });

  it('has the meaning, or the fault, that kafkajs finds in it when it was spoilt', async () => {
    const spoilt = fc.tuple(fc.nat(), fc.oneof(fc.nat({ max: 127 }), fc.constant(255)));
    await fc.assert(
      fc.asyncProperty(partition, fc.array(spoilt, { minLength: 1, maxLength: 3 }), async (of, changes) => {
        const body = answer(await recordSet(of.batches, of.cutOff), of.aborted);
        for (const [at, byte] of changes) body[at % body.length] = byte;
        expect(await isReadTheSame(body)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('has the same meaning or fault when any byte of its records is somewhat more or less', async () => {
    const writer = new ByteWriter();
    const messages = [
      { key: 'cust_42', value: 'first', headers: { a: '1', b: '' } },
      { key: null, value: 'second' },
      { value: null },
    ];
    writeRecordBatch(writer, messages, ORIGIN);
    const body = answer(writer.view());
    for (let at = body.length - writer.length + BATCH_HEADER_BYTES; at < body.length; at++) {
      for (const step of [-2, -1, 1, 2]) {
        const spoilt = Buffer.from(body);
        spoilt[at] = (spoilt[at] ?? 0) + step;
        expect([at, step, await isReadTheSame(spoilt)]).toEqual([at, step, true]);
      }
    }
  });

  it.each([
    { says: [0, 60], means: [0, 1] },
    { says: [0, -5], means: [0, 1] },
    { says: [2, 1, 0], means: [0, 1, 2] },
    { says: [9, 0, 1], means: [0, 1, 2] },
    { says: [0, 1, 1, 0, 4], means: [0, 1, 2, 3, 4] },
    { says: [3, 5, 4, 9], last: 9, means: [3, 5, 6, 9] },
  ])('has offsets that rise, each within its batch: of $says $means', async ({ says, means, last }) => {
    const batchOf = async (firstOffset: number) =>
      Buffer.from(
        (
          await recordBatch.RecordBatch({
            firstOffset,
            lastOffsetDelta: last ?? says.length - 1,
            records: says.map((offsetDelta) => Record({ value: 'v', offsetDelta })),
          })
        ).buffer,
      );
    const two = Buffer.concat([await batchOf(1_000), await batchOf(1_010)]);
    const offsets = [1_000, 1_010].flatMap((first) => means.map((delta) => String(first + delta)));
    expect((await readRecords(two)).map(({ offset }) => offset)).toEqual(offsets);
    two.writeBigInt64BE(2n ** 60n, FIRST_TIMESTAMP_AT); // which only kafkajs reads
    const read = JSON.stringify(await ours(answer(two)));
    expect([...read.matchAll(/"offset":"(\d+)"/g)].map(([, offset]) => offset)).toEqual(offsets);
  });

  it.each([-1, -2, -5, -64])('has null where a length is %i, as for other clients', async (length) => {
    const read = await readRecords(withLengths({ key: length, value: length, headerValue: length }));
    expect(read).toMatchObject([{ key: null, value: null, headers: { a: Buffer.alloc(0) } }]);
  });

  it('has null there also in a batch that only kafkajs reads', async () => {
    const batch = withLengths({ key: -2, value: -3, headerValue: -5 });
    batch.writeBigInt64BE(2n ** 60n, FIRST_TIMESTAMP_AT);
    await expect(readRecords(batch)).rejects.toBeInstanceOf(RecordsUnread);
    const read = JSON.stringify(await ours(answer(batch)));
    expect(read).toContain('"key":null,"value":null,"headers":{"a":{"type":"Buffer","data":[]}}');
  });

  it('has no header without a name', async () => {
    for (const length of [-1, -2])
      await expect(readRecords(withLengths({ headerName: length }))).rejects.toBeInstanceOf(RecordsUnread);
  });

  it('says which records cannot be read, when nobody can', async () => {
    const batch = withLengths({});
    batch.writeBigInt64BE(1_234n);
    batch[ATTRIBUTES_AT] = ATTRIBUTES.gzip; // which they are not
    await expect(ours(answer(batch))).rejects.toThrow(
      'the records of usage-events/3 from offset 1234 on cannot be read: ',
    );
  });

  it('may be in the format of before record batches', async () => {
    const entries = [{ key: 'k', value: 'v' }];
    const { buffer } = MessageSet({ messageVersion: 1, compression: 0, entries });
    const body = answer(buffer);
    const read = await ours(body);
    expect(read).toEqual(await kafkajsReads(body));
    expect(JSON.stringify(read)).toContain('"offset":"-1"');
  });

  it('may have more records in a batch than a function takes arguments', async () => {
    const writer = new ByteWriter();
    writeRecordBatch(
      writer,
      Array.from({ length: 200_000 }, () => ({ value: null })),
      ORIGIN,
    );
    const records = await readRecords(writer.view());
    expect(records).toHaveLength(200_000);
    expect(records.at(-1)?.offset).toBe('199999');
  });

  it('of an older broker is left to kafkajs', () => {
    for (const version of [4, 7, 10]) expect(responseOf(version).decode).not.toBe(ours);
    expect(responseOf(11).decode).toBe(ours);
  });
});
