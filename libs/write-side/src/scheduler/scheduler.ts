import { setTimeout as delay } from 'node:timers/promises';
import { listCreditSystems, plusMs, type Instant } from '#domain';
import type { LiveCatalog } from '#journal';
import type { Clock, Logger, Metrics } from '#platform';
import type { ReadStore } from '#read-store';
import type { Ledger } from '../account/ledger.js';
import type { UsageHorizon } from '../usage/usage-horizon.js';

/** Accounts woken with one query of the agenda. */
const ACCOUNTS_PER_SWEEP = 1_000;

export interface SchedulerParts {
  readonly ledger: Ledger;
  readonly readStore: ReadStore;
  readonly catalog: LiveCatalog;
  readonly horizon: UsageHorizon;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Wakes accounts that have something due, so that renewal and expiry are recorded with no usage at all. The
 * agenda may be stale and several schedulers may run: `decide` looks again, and a wake-up too many changes nothing.
 */
export class Scheduler {
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(private readonly parts: SchedulerParts) {}

  start(intervalMs: number): void {
    this.#running ??= this.#run(intervalMs);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Wakes everything that is due now; returns how many accounts that was. */
  async sweep(): Promise<number> {
    const { ledger, readStore, clock, logger, metrics } = this.parts;
    const now = clock.now();
    const usageHorizons = this.#usageHorizons(now);
    const due = await readStore.due({ now, usageHorizons, limit: ACCOUNTS_PER_SWEEP });
    const customerIds = [...new Set(due.map((item) => item.customerId))];
    const answers = await Promise.allSettled(
      customerIds.map((customerId) => ledger.execute(customerId, { type: 'Settle' })),
    );
    answers.forEach((answer, index) => {
      if (answer.status === 'fulfilled') metrics.sweptAccounts.inc();
      else
        logger.warn(
          { err: answer.reason as unknown, customerId: customerIds[index] },
          'settling failed; tried again',
        );
    });
    return customerIds.length;
  }

  #usageHorizons(now: Instant): Record<string, Instant> {
    const consumedThrough = this.parts.horizon.consumedThrough(now);
    return Object.fromEntries(
      listCreditSystems(this.parts.catalog.current).map(({ key, lateUsageGraceMs }) => [
        key,
        plusMs(consumedThrough, -lateUsageGraceMs),
      ]),
    );
  }

  async #run(intervalMs: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let woken = 0;
      try {
        woken = await this.sweep();
      } catch (error) {
        this.parts.logger.warn({ err: error }, 'the sweep of due accounts failed; it is tried again');
      }
      // A full sweep: more may be waiting. The projector must have seen this one first, so a short pause all the same.
      const pauseMs = woken >= ACCOUNTS_PER_SWEEP ? Math.min(50, intervalMs) : intervalMs;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
