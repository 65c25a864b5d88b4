import { type DynamicModule, Module, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { instant, toMs } from '#domain';
import { openMemoryEventStore } from '#event-store/testing';
import { createLogger, GrpcServer, Health, nestLogger, PlatformModule, readSettings } from '#platform';
import { ReadSideModule } from '#read-side';
import { openMemoryReadStore } from '#read-store/testing';
import { UsageHorizon, WRITE_SIDE, WriteSideModule, type WriteSide } from '#write-side';
import { startProjecting, untilProjected } from '../../libs/read-side/src/testing/projected.js';
import { ManualClock } from '../../libs/write-side/src/testing/fixture.js';
import { connectLedger, type LedgerClient } from './ledger-client.js';
import { freePort } from './process.js';

/** A ledger over gRPC whose clock stands still until it is told what time it is. */
export interface ClockedLedger extends LedgerClient {
  readonly clock: ManualClock;
  /** Moves the clock, and does what the scheduler does then. */
  settleAt(moment: string): Promise<void>;
  stop(): Promise<void>;
}

@Module({})
class WholeLedger {
  static of(imports: DynamicModule[]): DynamicModule {
    return { module: WholeLedger, imports };
  }
}

/** Both sides in this process on memory stores, by the same controllers and the same wire as the real one. */
export async function startClockedLedger(now = '2026-01-01T00:00:00Z'): Promise<ClockedLedger> {
  const [eventStore, readStore] = [openMemoryEventStore(), openMemoryReadStore()];
  const clock = new ManualClock(instant(now));
  const logger = createLogger('silent', 'test');
  // Nobody but the test wakes accounts.
  const settings = readSettings({ SCHEDULER_INTERVAL_MS: '3600000' });
  const options: NestApplicationOptions = { logger: nestLogger(logger), abortOnError: false };
  const app = await NestFactory.create(
    WholeLedger.of([
      PlatformModule.register({ settings, logger, clock }),
      WriteSideModule.register({
        eventStore,
        readStore,
        horizon: UsageHorizon.withoutStream(),
        deadLetters: undefined,
      }),
      ReadSideModule.register({ eventStore, readStore }),
    ]),
    new FastifyAdapter(),
    options,
  );
  const address = `127.0.0.1:${await freePort()}`;
  app.connectMicroservice({ strategy: new GrpcServer(address, app.get(Health)) });
  await app.startAllMicroservices();
  await app.init();
  const stopProjecting = startProjecting(eventStore, readStore);
  const client = connectLedger(address, () => toMs(clock.now()));
  const { scheduler } = app.get<WriteSide>(WRITE_SIDE, { strict: false });
  return {
    ...client,
    clock,
    settleAt: async (moment) => {
      clock.advance(Date.parse(moment) - toMs(clock.now()));
      await untilProjected(eventStore, readStore);
      await scheduler.sweep();
      await untilProjected(eventStore, readStore);
    },
    stop: async () => {
      client.close();
      await app.close();
      await stopProjecting();
    },
  };
}
