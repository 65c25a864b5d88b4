import Decoder from 'kafkajs/src/protocol/decoder.js';

export type DecodedHeaders = Record<string, Buffer | Buffer[]>;

/**
 * The headers of one record as a map without a prototype; a repeated name becomes an array, in order.
 * A header whose value is null becomes an empty one: kafkajs can read null values but not write them.
 */
export function foldHeaders(
  pairs: readonly { readonly key: string; readonly value: Buffer | null }[],
): DecodedHeaders {
  const headers = Object.create(null) as DecodedHeaders;
  for (const pair of pairs) {
    const value = pair.value ?? Buffer.alloc(0);
    const earlier = headers[pair.key];
    if (earlier === undefined) headers[pair.key] = value;
    else if (Array.isArray(earlier)) earlier.push(value);
    else headers[pair.key] = [earlier, value];
  }
  return headers;
}

/**
 * kafkajs 2.2.4 folds headers by spreading an ever larger object: one message of 200 KB with 20,000 headers stops
 * the event loop for a minute, so a single hostile message would stop its partition for ever. The same code takes a
 * header named `constructor` or `__proto__` for a repeated one and puts functions into the array. Its record decoder
 * is the only caller of `readVarIntArray`, and all it does with the answer is `reduce` it to the headers.
 */
export function replaceHeaderDecoding(): void {
  if (typeof Decoder.prototype.readVarIntArray !== 'function') {
    throw new Error(
      'This kafkajs has no Decoder.readVarIntArray: header decoding was written for kafkajs 2.2.4.',
    );
  }
  Decoder.prototype.readVarIntArray = function (reader) {
    const count = this.readVarInt();
    const pairs: { key: string; value: Buffer | null }[] = [];
    for (let i = 0; i < count; i++) pairs.push(reader(this));
    return { reduce: () => foldHeaders(pairs) };
  };
}
