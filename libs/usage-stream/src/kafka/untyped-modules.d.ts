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
    readVarInt(): number;
    readVarIntArray(reader: (decoder: Decoder) => { key: string; value: Buffer | null }): unknown;
  }
}
