import { types } from 'node:util';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import Fetch from 'kafkajs/src/protocol/requests/fetch/index.js';
import decodeMessages from 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js';
import { hideAborted, type TransactionalRecord } from './aborted-records.js';
import { offsetsInOrder, readRecords } from './fetched-records.js';
import { RecordsUnread } from './record-bytes.js';

/** The newest that kafkajs speaks, and all brokers since Kafka 2.3. */
const VERSION = 11;

/** Of the first batch of records, at its beginning. */
const FIRST_OFFSET_BYTES = 8;

/**
 * kafkajs 2.2.4 takes four objects around BigInts and as many views of the same bytes to read one record, and cannot
 * read a batch of very many: it hands all of them over as arguments of one call. So the answer to a fetch is read here.
 * What it holds of a partition and is not fully recognised (the old formats, whatever no producer writes) is read by
 * kafkajs as before, and so are the answers of older brokers.
 */
export function replaceFetchDecoding(): void {
  const protocol = Fetch.protocol;
  if (typeof protocol !== 'function') {
    throw new Error('This kafkajs has no fetch protocol: decoding was written for kafkajs 2.2.4.');
  }
  Fetch.protocol = ({ version }) => {
    const make = protocol({ version });
    if (version !== VERSION) return make;
    return (args) => {
      const made = make(args);
      return { ...made, response: { ...made.response, decode: decodeFetch } };
    };
  };
}

/** The body of the answer to a fetch of version 11. */
async function decodeFetch(body: Buffer): Promise<object> {
  const decoder = new Decoder(body);
  const clientSideThrottleTime = decoder.readInt32();
  return {
    // The broker has not throttled: it asks us to.
    throttleTime: 0,
    clientSideThrottleTime,
    errorCode: decoder.readInt16(),
    sessionId: decoder.readInt32(),
    responses: await decoder.readArrayAsync(decodeTopic),
  };
}

async function decodeTopic(decoder: Decoder): Promise<object> {
  const topicName = decoder.readString();
  const partitions = await decoder.readArrayAsync((each) => decodePartition(each, topicName));
  return { topicName, partitions };
}

async function decodePartition(decoder: Decoder, topic: string | null): Promise<object> {
  const partition = decoder.readInt32();
  const answer = {
    partition,
    errorCode: decoder.readInt16(),
    highWatermark: decoder.readInt64().toString(),
    lastStableOffset: decoder.readInt64().toString(),
    lastStartOffset: decoder.readInt64().toString(),
    // kafkajs has nothing more to look for.
    abortedTransactions: [],
  };
  const aborted = decoder.readArray((each) => ({
    producerId: each.readInt64().toString(),
    firstOffset: each.readInt64().toString(),
  }));
  const preferredReadReplica = decoder.readInt32();
  const records = await decodeRecords(decoder, `${topic}/${partition}`);
  return { ...answer, preferredReadReplica, messages: hideAborted(records, aborted) };
}

async function decodeRecords(decoder: Decoder, where: string): Promise<readonly TransactionalRecord[]> {
  const from = decoder.offset;
  const size = decoder.readInt32();
  // Nothing, or cut off.
  if (size <= 0 || !decoder.canReadBytes(size)) return [];
  const records = decoder.readBytes(size);
  try {
    return await readRecords(records);
  } catch (error) {
    if (!(error instanceof RecordsUnread)) throw saying(where, records, error);
    decoder.offset = from;
    const read = await decodeMessages(decoder).catch((fault: unknown) => {
      throw saying(where, records, fault);
    });
    return offsetsInOrder(read);
  }
}

/** The same error, as kafkajs goes by its class; it logs the message, and so do we when the session ends of it. */
function saying(where: string, records: Buffer, error: unknown): unknown {
  if (!types.isNativeError(error)) return error;
  const from = records.length < FIRST_OFFSET_BYTES ? '?' : records.readBigInt64BE().toString();
  error.message = `the records of ${where} from offset ${from} on cannot be read: ${error.message}`;
  return error;
}
