import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { EventStore } from '#event-store';
import {
  CLOCK,
  LOGGER,
  METRICS,
  SETTINGS,
  type Clock,
  type Logger,
  type Metrics,
  type Settings,
} from '#platform';
import type { ReadStore } from '#read-store';
import type { DeadLetterSink } from '#usage-stream';
import { CatalogController } from './grpc/catalog.controller.js';
import { LedgerController } from './grpc/ledger.controller.js';
import { DEAD_LETTERS, EVENT_STORE, WRITE_SIDE } from './tokens.js';
import { UsageController } from './usage/usage.controller.js';
import type { UsageHorizon } from './usage/usage-horizon.js';
import { createWriteSide, type WriteSide } from './write-side.js';

export interface WriteSideModuleOptions {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  readonly horizon: UsageHorizon;
  /** Undefined where no Kafka is configured: usage then comes over gRPC alone. */
  readonly deadLetters: DeadLetterSink | undefined;
}

/** Wires commands and usage to the ledger, and the scheduler to the process's life. */
@Module({})
export class WriteSideModule implements OnModuleInit, OnApplicationShutdown {
  static register(options: WriteSideModuleOptions): DynamicModule {
    return {
      module: WriteSideModule,
      controllers: [LedgerController, CatalogController, ...(options.deadLetters ? [UsageController] : [])],
      providers: [
        {
          provide: WRITE_SIDE,
          inject: [CLOCK, LOGGER, METRICS, SETTINGS],
          useFactory: (clock: Clock, logger: Logger, metrics: Metrics, settings: Settings): WriteSide =>
            createWriteSide({
              ...options,
              clock,
              logger,
              metrics,
              accountCacheSize: settings.accountCacheSize,
            }),
        },
        { provide: DEAD_LETTERS, useValue: options.deadLetters },
        { provide: EVENT_STORE, useValue: options.eventStore },
      ],
      exports: [WRITE_SIDE],
    };
  }

  constructor(
    @Inject(WRITE_SIDE) private readonly writeSide: WriteSide,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    this.writeSide.scheduler.start(this.settings.schedulerIntervalMs);
  }

  /** By now no transport takes anything new: what is in hand is finished. */
  async onApplicationShutdown(): Promise<void> {
    await this.writeSide.scheduler.stop();
    await this.writeSide.ledger.idle();
  }
}
