import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import group from 'kafkajs/src/producer/groupMessagesPerPartition.js';

import { quicklyGrouped } from './message-grouping.js';

describe('messages that kafkajs divides by partition', () => {
  const metadata = Array.from({ length: 4 }, (_, partitionId) => ({ partitionId, leader: 1 }));
  const divide = (messages: readonly { value: string }[]) =>
    group({
      topic: 't',
      partitionMetadata: metadata,
      messages,
      partitioner: ({ message }) => message.value.length % metadata.length,
    });

  it('come into the same groups in the same order', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ value: fc.string({ maxLength: 8 }) })), (messages) => {
        expect(divide(quicklyGrouped(messages))).toEqual(divide(messages));
      }),
    );
  });

  it('come into one group, however many they are', () => {
    const messages = Array.from({ length: 50_000 }, (_, index) => ({ value: `v${index % 10}` }));
    const groups = divide(quicklyGrouped(messages));
    expect(Object.values(groups).map(({ length }) => length)).toEqual([50_000]);
  });
});
