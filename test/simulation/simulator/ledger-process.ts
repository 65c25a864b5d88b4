import { instantFromMs, type AccountCommand } from '#domain';
import { withAmbiguityRetry } from '#event-store';
import type { ReadStore } from '#read-store';
import type { MemoryUsageConsumer } from '#usage-stream/testing';
import {
  consumeBatch,
  createWriteSide,
  Scheduler,
  UsageHorizon,
  type Outcome,
  type WriteSide,
} from '#write-side';
import { faultyEventStore, faultyReadStore, type Reading } from './faulty-stores.js';
import type { Worker } from './gates.js';
import type { Random } from './random.js';
import type { Stage } from './stage.js';

/** Of an append without an answer, by the processes that repeat it. */
const ATTEMPTS = 3;

/** A process of the write side with a clock of its own: consumer, commands and scheduler. */
export class LedgerProcess implements Worker {
  alive = true;
  /** How far its clock is off. */
  clockOffset = 0;
  readonly consumer: MemoryUsageConsumer;
  /** By which it decided, one after the other. */
  readonly readings: Reading[] = [];
  readonly #readStore: ReadStore;
  readonly #writeSide: WriteSide;
  readonly #horizon: UsageHorizon;
  /** Streams for which something will be tried again after a pause. */
  readonly #pausing = new Set<string>();
  #running = 0;

  private constructor(
    readonly name: string,
    private readonly stage: Stage,
    random: Random,
    retries: boolean,
  ) {
    const eventStore = faultyEventStore(stage, {
      worker: this,
      random,
      reading: () => this.reading(),
      attempts: retries ? ATTEMPTS : 1,
      willReturn: (stream) => this.#pausing.add(stream),
      returned: (stream) => this.#pausing.delete(stream),
    });
    const readStore = (this.#readStore = faultyReadStore(stage, this, (stream) =>
      this.#pausing.delete(stream),
    ));
    const partitions = stage.stream.partitions.map((_, index) => `${stage.stream.topic}/${index}`);
    this.#horizon = UsageHorizon.overPartitions(readStore, () => Promise.resolve(partitions));
    this.#writeSide = createWriteSide({
      eventStore: retries
        ? withAmbiguityRetry(eventStore, { attempts: ATTEMPTS, backoff: () => 0 })
        : eventStore,
      readStore,
      horizon: this.#horizon,
      clock: {
        now: () => {
          const reading = this.reading();
          this.readings.push(reading);
          return reading.now;
        },
      },
      logger: stage.logger,
      metrics: stage.metrics,
      accountCacheSize: random.pick([1, 2, 100]),
      idsInMemory: random.pick([0, 200, 1_000_000]),
    });
    this.consumer = stage.stream.consumer('ledger', { delivery: 'manual' });
  }

  static async start(name: string, stage: Stage, random: Random): Promise<LedgerProcess> {
    const process = new LedgerProcess(name, stage, random, random.oneIn(2));
    const { ledger } = process.#writeSide;
    const sink = stage.stream.deadLetterSink();
    await process.consumer.start((batch) =>
      consumeBatch(batch, {
        ledger,
        metrics: stage.metrics,
        deadLetters: {
          send: async (letters) => {
            await stage.gates.pass(process, 'dead letters');
            // At least once: a letter may be there although the broker did not say so.
            const fails = stage.faults.happens('deadLettersAway');
            if (!fails || stage.faults.writtenAllTheSame()) await sink.send(letters);
            if (fails) throw new Error('simulated: the dead letter topic is away');
          },
        },
      }),
    );
    return process;
  }

  /** In a pause before it begins or tries again: something runs, and nothing of it has come back. */
  asleep(): boolean {
    return this.#running > 0 && (this.#pausing.size > 0 || this.#writeSide.ledger.isBeginning);
  }

  get busy(): boolean {
    return this.#running > 0;
  }

  execute(customerId: string, command: AccountCommand): Promise<Outcome> {
    return this.#run(() => this.#writeSide.ledger.execute(customerId, command));
  }

  consume(partition: number, most: number): Promise<unknown> {
    return this.#run(() => this.consumer.deliver(partition, most));
  }

  sweep(): Promise<number> {
    const { ledger, catalog, horizon } = this.#writeSide;
    const { logger, metrics } = this.stage;
    // A scheduler of its own for each sweep: one that lives remembers for a while, by the real clock, whom it woke.
    const clock = { now: () => this.#now() };
    const parts = { ledger, catalog, horizon, clock, logger, metrics, readStore: this.#readStore };
    return this.#run(() => new Scheduler(parts).sweep());
  }

  /** What a process does now and then on its own: reads the catalog on and tells how far its partitions are. */
  async routine(): Promise<void> {
    await this.#run(async () => {
      await this.#writeSide.catalog.refresh();
      await this.#horizon.exchange(this.consumer.progress());
    });
  }

  /** By which it decides at this moment. */
  reading(): Reading {
    const now = this.#now();
    return { now, consumedThrough: this.#horizon.consumedThrough(now) };
  }

  kill(): void {
    this.consumer.kill();
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#pausing.clear();
    }
  }

  #now() {
    return instantFromMs(this.stage.time + this.clockOffset);
  }
}
