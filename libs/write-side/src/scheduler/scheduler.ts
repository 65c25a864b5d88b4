import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { listCreditSystems, plusMs, type Instant } from '#domain';
import type { LiveCatalog } from '#journal';
import { toldTrouble, type Clock, type Logger, type Metrics, type TroubleTold } from '#platform';
import type { AgendaItem } from '#projections';
import type { ReadStore } from '#read-store';
import type { Ledger } from '../account/ledger.js';
import type { UsageHorizon } from '../usage/usage-horizon.js';
import { UnsettledAccounts } from './unsettled-accounts.js';

/** Accounts woken with one query of the agenda. */
const ACCOUNTS_PER_SWEEP = 1_000;

/** When an item is woken again that is still on the agenda. */
const REMIND_AFTER_MS = 30_000;

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
  /**
   * Agenda items that were woken a moment ago. One that had an effect is replaced by the projector; one that had
   * none (a stale row, a cap that is used up) must not keep the others waiting.
   */
  readonly #woken = new LRUCache<string, true>({ max: 100_000, ttl: REMIND_AFTER_MS });

  readonly #unsettled = new UnsettledAccounts();
  readonly #sweeps: TroubleTold;
  readonly #settling: TroubleTold;

  constructor(private readonly parts: SchedulerParts) {
    const { logger } = parts;
    this.#sweeps = toldTrouble(
      logger,
      'the sweep of due accounts failed; it is tried again',
      'due accounts are swept again',
    );
    this.#settling = toldTrouble(
      logger,
      'settling due accounts failed; they are tried again',
      'due accounts settle again',
    );
  }

  start(intervalMs: number): void {
    this.#running ??= this.#run(intervalMs);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Wakes what is due now; returns how many accounts that was. */
  async sweep(): Promise<number> {
    const { ledger, readStore, catalog, clock, metrics } = this.parts;
    await catalog.refresh();
    const now = clock.now();
    const usageHorizons = this.#usageHorizons(now);
    const limit = ACCOUNTS_PER_SWEEP + this.#woken.size;
    const agenda = await readStore.due({ now, usageHorizons, limit });
    // Of a full page nobody knows what is behind it.
    if (agenda.length < limit) this.#unsettled.keepOnly(new Set(agenda.map(({ customerId }) => customerId)));
    const due = agenda.filter((item) => !this.#woken.has(itemKey(item)));
    const customerIds = [...new Set(due.map((item) => item.customerId))];
    for (const item of due) this.#woken.set(itemKey(item), true);
    const answers = await Promise.allSettled(
      customerIds.map((customerId) => ledger.execute(customerId, { type: 'Settle' })),
    );
    const settled = this.#note(customerIds, answers);
    metrics.sweptAccounts.inc(settled);
    if (settled < answers.length) {
      const { error, details } = this.#unsettled.told();
      this.#settling.met(error, details);
    } else if (this.#unsettled.size === 0) this.#settling.over();
    return customerIds.length;
  }

  /** Returns how many of them settled. */
  #note(customerIds: readonly string[], answers: readonly PromiseSettledResult<unknown>[]): number {
    let settled = 0;
    for (const [index, customerId] of customerIds.entries()) {
      const answer = answers[index];
      if (answer?.status === 'rejected') this.#unsettled.failed(customerId, answer.reason);
      else {
        this.#unsettled.settled(customerId);
        settled += 1;
      }
    }
    return settled;
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
        this.#sweeps.over();
      } catch (error) {
        this.#sweeps.met(error);
      }
      // A full sweep: more may be waiting. The projector must have seen this one first, so a short pause all the same.
      const pauseMs = woken >= ACCOUNTS_PER_SWEEP ? Math.min(50, intervalMs) : intervalMs;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

function itemKey({ customerId, kind, creditSystem, at }: AgendaItem): string {
  return `${kind} ${at} ${creditSystem ?? ''} ${customerId}`;
}
