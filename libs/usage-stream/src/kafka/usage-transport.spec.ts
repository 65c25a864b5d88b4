import { Controller, Module } from '@nestjs/common';
import { EventPattern, Payload, type CustomStrategy } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';

import { USAGE_BATCHES, type UsageBatch } from '../port.js';
import { until } from '../testing/eventually.js';
import { MemoryUsageStream } from '../testing/memory.js';
import { KafkaUsageTransport } from './usage-transport.js';

const quiet = (): void => undefined;

const sizes: number[] = [];
let failures = 0;

@Controller()
class UsageController {
  @EventPattern(USAGE_BATCHES)
  async handle(@Payload() batch: UsageBatch): Promise<bigint | undefined> {
    await Promise.resolve();
    if (failures > 0) {
      failures--;
      throw new Error('store away');
    }
    sizes.push(batch.messages.length);
    return batch.messages.at(-1)?.offset;
  }
}

@Module({ controllers: [UsageController] })
class UsageModule {}

@Module({})
class EmptyModule {}

describe('KafkaUsageTransport', () => {
  const started = async (module: object, stream: MemoryUsageStream) => {
    const testing = await Test.createTestingModule({ imports: [module as never] })
      .setLogger({ log: quiet, warn: quiet, error: quiet })
      .compile();
    const transport = new KafkaUsageTransport(stream.consumer('ledger'));

    const app = testing.createNestMicroservice<CustomStrategy>({ strategy: transport });
    return { app, transport };
  };

  it('hands a whole batch to the one event handler and commits what it says', async () => {
    const stream = new MemoryUsageStream({ partitions: 1 });
    for (let i = 0; i < 50; i++) stream.produce({ partition: 0, value: Buffer.from('x') });
    const { app, transport } = await started(UsageModule, stream);
    const states: string[] = [];
    transport.status.subscribe((state) => states.push(state));
    await app.listen();
    await until('the commit', () => stream.committed('ledger').get(0) === 50n);
    expect(sizes).toEqual([50]);
    await app.close();
    expect(states).toEqual(['disconnected', 'consuming', 'stopped']);
  });

  it('commits nothing while the handler fails, and delivers again', async () => {
    const stream = new MemoryUsageStream({ partitions: 1 });
    stream.produce({ partition: 0, value: Buffer.from('x') });
    failures = 3;
    const { app, transport } = await started(UsageModule, stream);
    const attempts: number[] = [];
    transport.on('status', ({ stuck }) => attempts.push(stuck[0]?.attempts ?? 0));
    await app.listen();
    await until('the commit', () => stream.committed('ledger').get(0) === 1n);
    await app.close();
    expect(attempts).toEqual(expect.arrayContaining([1, 2, 3]));
  });

  it('refuses to start without a handler', async () => {
    const { app } = await started(EmptyModule, new MemoryUsageStream());
    await expect(app.listen()).rejects.toThrow("@EventPattern('usage-events')");
    await app.close();
  });
});
