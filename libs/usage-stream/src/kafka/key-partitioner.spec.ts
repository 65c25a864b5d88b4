import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Partitioners, type Message, type PartitionMetadata } from 'kafkajs';

import { keyPartitioner } from './key-partitioner.js';

const metadata = (partitions: number): PartitionMetadata[] =>
  Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));

describe('the partition of a message', () => {
  const ours = keyPartitioner();
  const theirs = Partitioners.DefaultPartitioner();
  const key = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.uuid(),
  );

  it('is that of every other client for the same key', () => {
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 100 }), (some, partitions) => {
        const args = {
          topic: 't',
          partitionMetadata: metadata(partitions),
          message: { key: some, value: 'v' },
        };
        expect(ours(args)).toBe(theirs(args));
      }),
      { numRuns: 500 },
    );
  });

  it('is the one that was asked for, and any for a message without a key', () => {
    const of = (message: Message): number => ours({ topic: 't', partitionMetadata: metadata(3), message });
    expect(of({ key: 'k', value: 'v', partition: 2 })).toBe(2);
    const keyless = [1, 2, 3].map(() => of({ value: 'v', key: null }));
    expect(new Set(keyless)).toEqual(new Set([0, 1, 2]));
  });
});
