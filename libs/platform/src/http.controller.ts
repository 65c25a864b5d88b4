import { Controller, Get, Header, HttpCode, HttpException, Inject } from '@nestjs/common';
import { Health, type HealthReport } from './health.js';
import { METRICS } from './tokens.js';
import type { Metrics } from './metrics.js';

/** `/healthz` (is the process sound?), `/readyz` (can it work now?), `/metrics`. */
@Controller()
export class HttpController {
  constructor(
    @Inject(Health) private readonly health: Health,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  @Get('healthz')
  @HttpCode(200)
  live(): HealthReport {
    return answer(this.health.live());
  }

  @Get('readyz')
  @HttpCode(200)
  async ready(): Promise<HealthReport> {
    return answer(await this.health.ready());
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}

function answer(report: HealthReport): HealthReport {
  if (!report.healthy) throw new HttpException({ ...report }, 503);
  return report;
}
