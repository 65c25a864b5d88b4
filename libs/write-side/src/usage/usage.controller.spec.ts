import { describe, expect, it } from '@jest/globals';
import { Server, type CustomStrategy, type CustomTransportStrategy } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { isObservable, lastValueFrom } from 'rxjs';
import { EventStoreUnavailable } from '#event-store';
import { Health, METRICS, createMetrics } from '#platform';
import { USAGE_BATCHES, type UsageBatch } from '#usage-stream';
import { ledgerFixture, subscribe } from '../testing/fixture.js';
import { DEAD_LETTERS, WRITE_SIDE } from '../tokens.js';
import { UsageController } from './usage.controller.js';

/** Hands over one batch, through whatever Nest has put around the handler. */
class Handover extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;

  listen(listening: () => void): void {
    listening();
  }

  close(): void {
    // There is nothing to close.
  }

  on(): void {
    // Nobody listens.
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the signature is Nest's
  unwrap<T>(): T {
    throw new Error('there is nothing inside');
  }

  async hand(batch: UsageBatch): Promise<unknown> {
    const answer: unknown = await this.getHandlerByPattern(USAGE_BATCHES)?.(batch);
    return isObservable(answer) ? lastValueFrom(answer) : answer;
  }
}

const quiet = (): void => undefined;

describe('the controller of usage batches', () => {
  it('tells the consumer what went wrong in its own words, and is healthy while a store is only away', async () => {
    const fixture = await ledgerFixture();
    const away = new EventStoreUnavailable('the disk is full');
    const side = fixture.process({
      eventStore: { ...fixture.eventStore, append: () => Promise.reject(away) },
    });
    await subscribe(fixture.process(), 'cust_42');
    const health = new Health();
    const testing = await Test.createTestingModule({
      controllers: [UsageController],
      providers: [
        { provide: WRITE_SIDE, useValue: side },
        { provide: DEAD_LETTERS, useValue: { send: () => Promise.resolve() } },
        { provide: METRICS, useValue: createMetrics() },
        { provide: Health, useValue: health },
      ],
    })
      .setLogger({ log: quiet, warn: quiet, error: quiet })
      .compile();
    const strategy = new Handover();
    const app = testing.createNestMicroservice<CustomStrategy>({ strategy });
    await app.listen();
    const value = JSON.stringify({
      specversion: '1.0',
      id: 'u1',
      source: 'spec',
      type: 'usage.recorded',
      subject: 'cust_42',
      time: fixture.clock.now(),
      data: { feature: 'call', quantity: '1' },
    });
    const message = { offset: 7n, key: null, value: Buffer.from(value), headers: {}, timestampMs: 0 };
    const batch = { topic: 'usage-events', partition: 0, messages: [message], isStale: () => false };
    await expect(strategy.hand(batch)).rejects.toBe(away);
    expect(health.live().healthy).toBe(true);
    await app.close();
  });
});
