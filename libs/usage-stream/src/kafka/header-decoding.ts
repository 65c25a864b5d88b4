import Decoder from 'kafkajs/src/protocol/decoder.js';

export type DecodedHeaders = Record<string, Buffer | Buffer[]>;

/**
 * A map without names of its own. `Object.create(null)` would make a hash table of each, which is most of what a record
 * costs; of this the engine knows the shape.
 */
export const HeaderMap = function () {
  // Nothing is in it yet.
} as unknown as new () => DecodedHeaders;
HeaderMap.prototype = Object.create(null) as DecodedHeaders;

/** The headers of one record, in order. */
export function foldHeaders(
  pairs: readonly { readonly key: string; readonly value: Buffer | null }[],
): DecodedHeaders {
  const headers = new HeaderMap();
  for (const { key, value } of pairs) addHeader(headers, key, value);
  return headers;
}

/**
 * A repeated name becomes an array, in order. A value of null becomes an empty one: kafkajs can read null values but
 * not write them.
 */
export function addHeader(headers: DecodedHeaders, name: string, given: Buffer | null): void {
  const value = given ?? Buffer.alloc(0);
  const earlier = headers[name];
  if (earlier === undefined) headers[name] = value;
  else if (Array.isArray(earlier)) earlier.push(value);
  else headers[name] = [earlier, value];
}

/**
 * kafkajs 2.2.4 folds headers by spreading an ever larger object: one message of 200 KB with 20,000 headers stops
 * the event loop for a minute, so a single hostile message would stop its partition for ever. The same code takes a
 * header named `constructor` or `__proto__` for a repeated one and puts functions into the array. Its record decoder
 * is the only caller of `readVarIntArray`, and all it does with the answer is `reduce` it to the headers. It would also
 * go on reading nothing where more headers are announced than there are bytes.
 */
export function replaceHeaderDecoding(): void {
  if (typeof Decoder.prototype.readVarIntArray !== 'function') {
    throw new Error(
      'This kafkajs has no Decoder.readVarIntArray: header decoding was written for kafkajs 2.2.4.',
    );
  }
  Decoder.prototype.readVarIntArray = function (reader) {
    const count = this.readVarInt();
    if (!this.canReadBytes(count)) throw new RangeError(`${count} headers announced in fewer bytes`);
    const pairs: { key: string; value: Buffer | null }[] = [];
    for (let i = 0; i < count; i++) pairs.push(reader(this));
    return { reduce: () => foldHeaders(pairs) };
  };
}
