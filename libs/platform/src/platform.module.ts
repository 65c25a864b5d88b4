import { Module, type DynamicModule } from '@nestjs/common';
import { systemClock, type Clock } from './clock.js';
import { Health } from './health.js';
import { HttpController } from './http.controller.js';
import type { Logger } from './logging.js';
import { createMetrics } from './metrics.js';
import type { Settings } from './settings.js';
import { CLOCK, LOGGER, METRICS, SETTINGS } from './tokens.js';

/** Clock, settings, logger, metrics and health for every other module of the process. */
@Module({})
export class PlatformModule {
  static register(options: { settings: Settings; logger: Logger; clock?: Clock }): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      controllers: [HttpController],
      providers: [
        Health,
        { provide: CLOCK, useValue: options.clock ?? systemClock },
        { provide: LOGGER, useValue: options.logger },
        { provide: METRICS, useFactory: createMetrics },
        { provide: SETTINGS, useValue: options.settings },
      ],
      exports: [Health, CLOCK, LOGGER, METRICS, SETTINGS],
    };
  }
}
