import { decodeAccountEvent } from '#contracts';
import {
  evolve,
  initialAccount,
  instantFromMs,
  type AccountEvent,
  type AccountState,
  type Instant,
} from '#domain';
import { type EventStore } from '#event-store';
import { openMemoryEventStore } from '#event-store/testing';
import { CATALOG_STREAM } from '#journal';
import { createLogger, createMetrics, type Logger, type Metrics } from '#platform';
import type { ReadStore } from '#read-store';
import { MemoryReadData, openMemoryReadStore } from '#read-store/testing';
import { MemoryUsageStream } from '#usage-stream/testing';
import { Faults } from './faults.js';
import { Gates, type Worker } from './gates.js';
import type { Random } from './random.js';

/** One append that made it into the store, with the moment at which it was decided. */
export interface Appended {
  readonly stream: string;
  /** Revision of its first event. */
  readonly first: number;
  readonly events: number;
  readonly now: Instant;
  readonly consumedThrough: Instant;
}

/** An account out of its stream. */
export interface Told {
  readonly state: AccountState;
  readonly events: readonly AccountEvent[];
}

/** One set of metrics serves every simulated process of every run: nothing reads it, and making one is dear. */
let metrics: Metrics | undefined;
let logger: Logger | undefined;

/** What all simulated processes share: stores, stream and broker's clock, each in memory and without fault. */
export class Stage {
  /** The true time, milliseconds since the epoch; it only goes forward, whatever clocks say. */
  time: number;
  readonly eventStore: EventStore;
  readonly readData = new MemoryReadData();
  readonly readStore: ReadStore;
  /** How often the read store was made anew. */
  incarnation = 0;
  readonly stream: MemoryUsageStream;
  readonly gates: Gates;
  readonly faults: Faults;
  readonly workers: Worker[] = [];
  readonly appended: Appended[] = [];
  /** Appends that were sent and answered by nobody: they arrive when it pleases the network. */
  readonly late: (() => Promise<void>)[] = [];
  /** Accounts as they stand in the store, by stream. */
  readonly #accounts = new Map<string, Told>();
  readonly #heads = new Map<string, number>();
  #total = 0;

  constructor(random: Random, time: number, partitions: number) {
    this.time = time;
    this.eventStore = openMemoryEventStore({ now: () => this.time, batchSize: 7 });
    this.readStore = openMemoryReadStore({ data: this.readData, now: () => this.time });
    this.stream = new MemoryUsageStream({ partitions, now: () => this.time });
    this.gates = new Gates(random.fork());
    this.faults = new Faults(random.fork());
  }

  /** Events in the store, of all streams. */
  get total(): number {
    return this.#total;
  }

  headOf(stream: string): number {
    return this.#heads.get(stream) ?? -1;
  }

  /** Appends for good; what is there already is not counted again. */
  async append(
    stream: string,
    expectedRevision: number,
    events: Parameters<EventStore['append']>[2],
    decided: Pick<Appended, 'now' | 'consumedThrough'>,
  ): Promise<Awaited<ReturnType<EventStore['append']>>> {
    const isNew = expectedRevision === this.headOf(stream);
    const answer = await this.eventStore.append(stream, expectedRevision, events);
    if (isNew) {
      this.#heads.set(stream, expectedRevision + events.length);
      this.#total += events.length;
      if (stream !== CATALOG_STREAM) this.#fold(stream, events);
      this.appended.push({ stream, first: expectedRevision + 1, events: events.length, ...decided });
    }
    return answer;
  }

  /** The account as its stream tells it. */
  told(stream: string): Told {
    return this.#accounts.get(stream) ?? { state: initialAccount, events: [] };
  }

  #fold(stream: string, appended: Parameters<EventStore['append']>[2]): void {
    const more = appended.map(({ type, data }) => decodeAccountEvent(type, data));
    const { state, events } = this.told(stream);
    this.#accounts.set(stream, { state: more.reduce(evolve, state), events: [...events, ...more] });
  }

  get metrics(): Metrics {
    return (metrics ??= createMetrics());
  }

  get logger(): Logger {
    return (logger ??= createLogger('silent', 'simulation'));
  }

  /**
   * Somebody deletes the read store: rows, ids, checkpoint, horizons and leases are gone. Calls that are under way
   * fail, as with a database that was dropped; whoever calls next finds an empty store.
   */
  deleteReadStore(): void {
    this.incarnation += 1;
    const { accounts, checkpoints, horizons, leases } = this.readData;
    for (const table of [accounts, checkpoints, horizons, leases]) table.clear();
  }

  /** Where the dead letters came from. */
  deadLetters(): readonly string[] {
    return this.stream.deadLetters.map(({ origin }) => origin);
  }

  instant(): Instant {
    return instantFromMs(this.time);
  }
}
