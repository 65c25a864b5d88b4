import { describe, expect, it } from '@jest/globals';

import { MemoryUsageStream } from './memory.js';
import { describeUsageStream } from './usage-stream-suite.js';

describeUsageStream('MemoryUsageStream', () => {
  const stream = new MemoryUsageStream({ partitions: 3 });
  return Promise.resolve({
    topic: stream.topic,
    produce: (messages) => {
      for (const message of messages) stream.produce(message);
      return Promise.resolve();
    },
    consumer: (options) => stream.consumer('ledger', { maxBatch: 100, ...options }),
    committed: () => Promise.resolve(stream.committed('ledger')),
    deadLetters: () => stream.deadLetterSink(),
    readDeadLetters: () =>
      Promise.resolve(stream.deadLetters.map(({ message, ...why }) => ({ ...message, ...why }))),
    close: () => Promise.resolve(),
  });
});

describe('manual delivery', () => {
  const value = Buffer.from('x');
  const deliveries = { delivery: 'manual' } as const;

  it('delivers only when told, as many messages as told', async () => {
    const stream = new MemoryUsageStream({ partitions: 1 });
    for (let i = 0; i < 5; i++) stream.produce({ partition: 0, value });
    const consumer = stream.consumer('ledger', deliveries);
    const sizes: number[] = [];
    await consumer.start((batch) => {
      sizes.push(batch.messages.length);
      return Promise.resolve(batch.messages.at(-1)?.offset);
    });
    expect(sizes).toEqual([]);
    expect(await consumer.deliver(0, 2)).toBe('done');
    expect(await consumer.deliver(0)).toBe('done');
    expect(await consumer.deliver(0)).toBe('nothing-to-deliver');
    expect(sizes).toEqual([2, 3]);
    await consumer.stop();
  });

  it('commits nothing of a consumer that was killed while its batch ran', async () => {
    const stream = new MemoryUsageStream({ partitions: 1 });
    stream.produce({ partition: 0, value });
    const victim = stream.consumer('ledger', deliveries);
    await victim.start((batch) => Promise.resolve(batch.messages.at(-1)?.offset));
    const delivery = victim.deliver(0);
    victim.kill();
    expect(await delivery).toBe('lost');
    expect(stream.committed('ledger').size).toBe(0);

    const successor = stream.consumer('ledger', deliveries);
    await successor.start((batch) => Promise.resolve(batch.messages.at(-1)?.offset));
    expect(await successor.deliver(0)).toBe('done');
    expect(stream.committed('ledger').get(0)).toBe(1n);
    await successor.stop();
  });
});
