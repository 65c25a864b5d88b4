import Produce from 'kafkajs/src/protocol/requests/produce/index.js';
import { ByteWriter } from './byte-writer.js';
import { writeRecordBatch, type ProducedMessage } from './record-batch.js';

/** What kafkajs builds a produce request of. */
export interface ProduceArguments {
  readonly transactionalId?: string | null;
  readonly acks: number;
  readonly timeout: number;
  /** A count of 64 bits, as text. */
  readonly producerId?: unknown;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      /** A number, or its text where it was the name of a member. */
      readonly partition: number | string;
      readonly firstSequence?: number;
      readonly messages: readonly (ProducedMessage & { readonly timestamp?: unknown })[];
    }[];
  }[];
}

/** Older ones carry messages in another format. */
const FIRST_VERSION_WITH_RECORD_BATCHES = 3;

const writer = new ByteWriter();

/** The body of a produce request, version 3 to 7, of batches that are not compressed. */
export function encodeProduce(request: ProduceArguments): Buffer {
  const { transactionalId = null, producerId = -1, producerEpoch = 0 } = request;
  const timestampMs = Date.now();
  writer.clear();
  writer.string(transactionalId);
  writer.int16(request.acks);
  writer.int32(request.timeout);
  writer.int32(request.topicData.length);
  for (const { topic, partitions } of request.topicData) {
    writer.string(topic);
    writer.int32(partitions.length);
    for (const { partition, messages, firstSequence = 0 } of partitions) {
      writer.int32(Number(partition));
      const sizeAt = writer.length;
      writer.int32(0);
      writeRecordBatch(writer, messages, {
        transactional: transactionalId !== null,
        producerId: BigInt(String(producerId)),
        producerEpoch,
        firstSequence,
        timestampMs,
      });
      writer.putUint32(sizeAt, writer.length - sizeAt - 4);
    }
  }
  return Buffer.from(writer.view());
}

/**
 * kafkajs 2.2.4 encodes a record with ten headers into twelve buffers of half a kilobyte, and copies each byte about
 * ten times: 30 µs for one ledger event, more than everything else that is done to publish it. What it has no faster
 * way for (compression, times that producers set, the old formats) it goes on encoding by itself.
 */
export function replaceProduceEncoding(): void {
  const protocol = Produce.protocol;
  if (typeof protocol !== 'function') {
    throw new Error('This kafkajs has no produce protocol: encoding was written for kafkajs 2.2.4.');
  }
  Produce.protocol = ({ version }) => {
    const make = protocol({ version });
    if (version < FIRST_VERSION_WITH_RECORD_BATCHES) return make;
    return (args) => {
      const made = make(args);
      const request = args as ProduceArguments;
      if (isPlain(request)) {
        made.request.encode = () => {
          const bytes = encodeProduce(request);
          // The two members that one encoder of kafkajs looks at in another.
          return Promise.resolve({ buf: bytes, buffer: bytes });
        };
      }
      return made;
    };
  };
}

function isPlain({ compression = 0, topicData }: ProduceArguments): boolean {
  return (
    compression === 0 &&
    topicData.every(({ partitions }) =>
      partitions.every(({ messages }) => messages.every(({ timestamp }) => timestamp === undefined)),
    )
  );
}
