import { Partitioners, type ICustomPartitioner } from 'kafkajs';

const SEED = 0x9747b28c;
const MIX = 0x5bd1e995;

/**
 * Puts messages where Kafka's Java clients and kafkajs's default partitioner put them. kafkajs computes the hash of
 * a key in objects around BigInts, a dozen for four bytes; here it is done in 32 bits. What has no key, or a
 * partition already, is left to kafkajs.
 */
export const keyPartitioner: ICustomPartitioner = () => {
  const byDefault = Partitioners.DefaultPartitioner();
  return (args) => {
    const { key, partition } = args.message;
    if (key === null || key === undefined || partition !== undefined) return byDefault(args);
    return (
      (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % args.partitionMetadata.length
    );
  };
};

/** MurmurHash 2 with the seed of Kafka's Java clients. */
function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  const at = (index: number): number => bytes[index] ?? 0;
  let hash = SEED ^ length;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    let word = at(index) | (at(index + 1) << 8) | (at(index + 2) << 16) | (at(index + 3) << 24);
    word = Math.imul(word, MIX);
    word = Math.imul(word ^ (word >>> 24), MIX);
    hash = Math.imul(hash, MIX) ^ word;
  }
  const left = length - index;
  if (left > 0) {
    if (left > 2) hash ^= at(index + 2) << 16;
    if (left > 1) hash ^= at(index + 1) << 8;
    hash = Math.imul(hash ^ at(index), MIX);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MIX);
  return hash ^ (hash >>> 15);
}
