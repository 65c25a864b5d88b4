import { Module, type DynamicModule } from '@nestjs/common';
import { systemClock, type Clock } from './clock.js';
import { Health } from './health.js';
import { HttpController } from './http.controller.js';
import type { Logger } from './logging.js';
import { createMetrics, type Metrics } from './metrics.js';
import type { Settings } from './settings.js';
import { CLOCK, LOGGER, METRICS, SETTINGS } from './tokens.js';

export interface PlatformOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Of a process that had them before its modules. Default: new ones. */
  readonly health?: Health;
  readonly metrics?: Metrics;
}

/** Clock, settings, logger, metrics and health for every other module of the process. */
@Module({})
export class PlatformModule {
  static register(options: PlatformOptions): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      controllers: [HttpController],
      providers: [
        { provide: Health, useValue: options.health ?? new Health() },
        { provide: CLOCK, useValue: options.clock ?? systemClock },
        { provide: LOGGER, useValue: options.logger },
        { provide: METRICS, useValue: options.metrics ?? createMetrics() },
        { provide: SETTINGS, useValue: options.settings },
      ],
      exports: [Health, CLOCK, LOGGER, METRICS, SETTINGS],
    };
  }
}
