/** Modules this adapter imports that ship no types; only what is used here. */
declare module 'snappyjs' {
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array;
  const snappy: { uncompress: typeof uncompress };
  export default snappy;
}

declare module 'lz4js' {
  /** Decompresses an LZ4 frame; the bound is needed because Kafka's frames do not say their size. */
  export function decompress(frame: Uint8Array, maxSize?: number): Uint8Array;
  const lz4: { decompress: typeof decompress };
  export default lz4;
}

declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(bytes: Buffer);
    offset: number;
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint;
    readString(): string | null;
    readBytes(length: number): Buffer;
    canReadBytes(length: number): boolean;
    readArray<T>(reader: (decoder: Decoder) => T): T[];
    readArrayAsync<T>(reader: (decoder: Decoder) => Promise<T>): Promise<T[]>;
    readVarInt(): number;
    readVarIntBytes(): Buffer | null;
    readVarIntArray(reader: (decoder: Decoder) => { key: string; value: Buffer | null }): unknown;
  }
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  interface Request {
    readonly entry: {
      readonly correlationId: number;
      readonly resolve: (answer: unknown) => void;
      readonly reject: (error: Error) => void;
    };
    readonly expectResponse: boolean;
    readonly sendRequest: () => void;
  }
  export default class RequestQueue {
    constructor(settings: {
      readonly maxInFlightRequests: number | null;
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly clientId: string;
      readonly broker: string;
      readonly logger: { readonly debug: () => void };
    });
    push(request: Request): void;
    fulfillRequest(answer: { correlationId: number; payload: Buffer; size: number }): void;
    maybeThrottle(ms: number): void;
    readonly pending: readonly unknown[];
    /** Milliseconds since the epoch; in the past when the broker asks for no pause. */
    readonly throttledUntil: number;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
  }
}

declare module 'kafkajs/src/protocol/requests/produce/index.js' {
  interface Made {
    readonly request: { encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }> };
  }
  const produce: { protocol: (of: { readonly version: number }) => (args: object) => Made };
  export default produce;
}

declare module 'kafkajs/src/protocol/requests/produce/v7/request.js' {
  const produceV7: (args: object) => { encode: () => Promise<{ readonly buffer: Buffer }> };
  export default produceV7;
}

declare module 'kafkajs/src/protocol/requests/fetch/index.js' {
  interface Made {
    readonly response: { readonly decode: (body: Buffer) => Promise<object> };
  }
  const fetch: { protocol: (of: { readonly version: number }) => (args: object) => Made };
  export default fetch;
}

declare module 'kafkajs/src/protocol/requests/listOffsets/index.js' {
  interface Asked {
    readonly isolationLevel?: number | undefined;
    readonly topics: readonly object[];
  }
  const listOffsets: { protocol: (of: { readonly version: number }) => (args: Asked) => object };
  export default listOffsets;
}

declare module 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';
  interface Message {
    readonly offset: string;
    readonly key: Buffer | null;
    readonly isControlRecord?: boolean;
    readonly batchContext?: {
      readonly producerId: string;
      readonly inTransaction: boolean;
      readonly firstOffset: string;
      readonly lastOffsetDelta: number;
    };
  }
  const decodeMessages: (decoder: Decoder) => Promise<readonly Message[]>;
  export default decodeMessages;
}

declare module 'kafkajs/src/protocol/requests/fetch/v11/response.js' {
  interface Partition {
    readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
    readonly messages: readonly { readonly offset: string; readonly key: Buffer | null }[];
  }
  interface Answer {
    readonly responses: readonly { readonly topicName: string; readonly partitions: readonly Partition[] }[];
  }
  const fetchV11: { readonly decode: (body: Buffer) => Promise<Answer> };
  export default fetchV11;
}

declare module 'kafkajs/src/protocol/recordBatch/v0/index.js' {
  const recordBatch: { RecordBatch: (of: object) => Promise<{ readonly buffer: Buffer }> };
  export default recordBatch;
}

declare module 'kafkajs/src/protocol/recordBatch/record/v0/index.js' {
  const encodeRecord: (of: object) => object;
  export default encodeRecord;
}

declare module 'kafkajs/src/protocol/messageSet/index.js' {
  const encodeMessageSet: (of: object) => { readonly buffer: Buffer };
  export default encodeMessageSet;
}

declare module 'kafkajs/src/producer/groupMessagesPerPartition.js' {
  export default function groupMessagesPerPartition<M>(of: {
    readonly topic: string;
    readonly partitionMetadata: readonly object[];
    readonly messages: readonly M[];
    readonly partitioner: (of: { readonly message: M }) => number;
  }): Record<string, M[]>;
}
