import { setTimeout as delay } from 'node:timers/promises';
import { toTimestamp } from '#contracts';
import { instantFromMs } from '#domain';
import { KafkaEventPublisher } from '#usage-stream/kafka';
import { cloudEvent, usageMessage, type DayUsage } from '../../demo/day.js';
import { seeded, type Random } from '../../support/random.js';
import { isRefusedByRule, LedgerCaller } from './calls.js';
import { invent, type Deed } from './invent.js';
import type { Produced, ProducedGrant, ProducedUsage } from './produced.js';
import { CREDIT_SYSTEM } from './setup.js';

export interface TrafficOptions {
  readonly seed: number;
  readonly run: string;
  readonly brokers: readonly string[];
  readonly topic: string;
  /** gRPC addresses of the ledger processes. */
  readonly ledgers: readonly string[];
  readonly customers: readonly string[];
  /** Deeds a second, as long as the system takes them. Default 150. */
  readonly rate?: number;
  readonly synchronous?: boolean;
}

const TICK_MS = 40;
/**
 * Calls and messages that wait for an answer; beyond these nothing new is invented. A broker may be away for a minute,
 * and the calls go on meanwhile.
 */
const MAX_CALLS = 150;
const MAX_MESSAGES = 10_000;

/** Producers at work: usage over Kafka and gRPC, top-ups, duplicates and nonsense, all of it kept account of. */
export class Traffic {
  readonly #random: Random;
  readonly #caller: LedgerCaller;
  readonly #publisher: KafkaEventPublisher;
  readonly #usages: ProducedUsage[] = [];
  readonly #grants: ProducedGrant[] = [];
  readonly #refused: Buffer[] = [];
  readonly #surprises: string[] = [];
  readonly #calls = new Set<Promise<void>>();
  #unsent: { key: string; value: Buffer }[] = [];
  #earlier: DayUsage | undefined;
  #messages = 0;
  #answered = 0;
  #deeds = 0;
  #stopped = false;
  #abandoned = false;
  #running: Promise<unknown> | undefined;

  constructor(private readonly options: TrafficOptions) {
    this.#random = seeded(options.seed);
    this.#caller = new LedgerCaller(options.ledgers, seeded(options.seed + 1));
    this.#publisher = new KafkaEventPublisher({
      connection: { brokers: options.brokers, clientId: 'purser-faults' },
    });
  }

  start(): void {
    this.#running ??= Promise.all([this.#invent(), this.#publish()]);
  }

  /** Calls that have been answered so far, one way or the other. */
  get answered(): number {
    return this.#answered;
  }

  /** Stops, and waits until everything that was begun is sent and answered. */
  async stop(): Promise<Produced> {
    this.#stopped = true;
    await this.#running;
    await Promise.all(this.#calls);
    await this.#publisher.close();
    this.#caller.close();
    return {
      customers: this.options.customers,
      usages: this.#usages,
      grants: this.#grants,
      refused: this.#refused,
      messages: this.#messages,
      surprises: this.#surprises,
      repeats: this.#caller.repeats,
    };
  }

  /** Stops at once; what was begun is left as it is. */
  async abandon(): Promise<void> {
    this.#stopped = true;
    this.#abandoned = true;
    this.#unsent = [];
    this.#caller.close();
    await this.#publisher.close();
    await this.#running;
  }

  async #invent(): Promise<void> {
    const { rate = 150, run, customers, synchronous = true } = this.options;
    let due = 0;
    while (!this.#stopped) {
      due = Math.min(due + (rate * TICK_MS) / 1_000, rate);
      while (due >= 1 && this.#calls.size < MAX_CALLS && this.#unsent.length < MAX_MESSAGES) {
        due -= 1;
        const earlier = this.#earlier;
        this.#do(invent(this.#random, this.#deeds++, { run, customers, synchronous, earlier }));
      }
      await delay(TICK_MS);
    }
  }

  /** One send at a time, as often as it takes. */
  async #publish(): Promise<void> {
    const { topic } = this.options;
    while (!this.#stopped || this.#unsent.length > 0) {
      const some = this.#unsent.splice(0, 200);
      while (some.length > 0) {
        try {
          await this.#publisher.publish(some.map(({ key, value }) => ({ topic, key, value })));
          this.#messages += some.length;
          break;
        } catch {
          if (this.#abandoned) return;
          await delay(200);
        }
      }
      await delay(TICK_MS);
    }
  }

  #do(deed: Deed): void {
    switch (deed.kind) {
      case 'metered':
      case 'not-metered': {
        this.#usages.push({ usage: deed.usage, kind: deed.kind });
        if (deed.kind === 'metered' && deed.ways[0] === 'kafka') this.#earlier = deed.usage;
        for (const way of deed.ways) {
          if (way === 'kafka') {
            this.#unsent.push({ key: deed.usage.customerId, value: cloudEvent(deed.usage) });
          } else this.#call(() => this.#metered(deed.usage));
        }
        return;
      }
      case 'synchronous': {
        const produced: ProducedUsage = { usage: deed.usage, kind: 'synchronous' };
        this.#usages.push(produced);
        this.#call(() => this.#synchronous(produced));
        return;
      }
      case 'grant': {
        const { customerId, amount, lifeMs } = deed;
        const now = Date.now();
        const grant = {
          customerId,
          amount,
          key: `grant-${this.#deeds}`,
          effectiveAt: instantFromMs(now),
          expiresAt: lifeMs === undefined ? undefined : instantFromMs(now + lifeMs),
        };
        this.#grants.push(grant);
        this.#call(() => this.#grant(grant));
        return;
      }
      case 'refused': {
        this.#refused.push(deed.value);
        this.#unsent.push({ key: deed.customerId, value: deed.value });
      }
    }
  }

  #call(work: () => Promise<void>): void {
    const call = work()
      .catch((error: unknown) => {
        this.#surprises.push(String(error));
      })
      .finally(() => {
        this.#answered += 1;
        this.#calls.delete(call);
      });
    this.#calls.add(call);
  }

  async #metered(usage: DayUsage): Promise<void> {
    const request = { usage: usageMessage(usage), mode: 'METERED' } as const;
    const { outcome } = await this.#caller.ask((calls, options) => calls.recordUsage(request, options));
    if (!['DEBITED', 'PARTIALLY_COVERED', 'UNCOVERED', 'DUPLICATE'].includes(outcome)) {
      this.#surprises.push(`usage ${usage.id} was answered with ${outcome}`);
    }
  }

  async #synchronous(produced: ProducedUsage): Promise<void> {
    const request = { usage: usageMessage(produced.usage), mode: 'SYNCHRONOUS' } as const;
    try {
      await this.#caller.ask((calls, options) => calls.recordUsage(request, options));
      produced.answer = 'debited';
    } catch (error) {
      if (!isRefusedByRule(error)) throw error;
      produced.answer = 'refused';
    }
  }

  async #grant({ customerId, key, amount, effectiveAt, expiresAt }: ProducedGrant): Promise<void> {
    const request = {
      customerId,
      idempotencyKey: key,
      creditSystem: CREDIT_SYSTEM,
      amount,
      reason: 'top-up',
      actor: 'faults',
      effectiveAt: toTimestamp(effectiveAt),
      expiresAt: expiresAt && toTimestamp(expiresAt),
    };
    await this.#caller.ask((calls, options) => calls.grantCredits(request, options));
  }
}
