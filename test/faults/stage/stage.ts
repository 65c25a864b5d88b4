import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLoopback, type Loopback } from '#event-store/testing/loopback';
import { leaveNothing, removeFolder } from './leave-nothing.js';
import type { World } from './world.js';
import { Slot } from './slot.js';

export interface StageOptions {
  /** Names topic, group and ids: unique per run. */
  readonly run: string;
  readonly ledgers: number;
  readonly queries: number;
  /** A file, or a server that speaks EventStoreDB's protocol and runs in this process. */
  readonly eventStore: 'sqlite' | 'eventstoredb';
  readonly readStore: 'sqlite' | 'postgres';
  /** Where the embedded event store lives. Default: the stage's own folder. */
  readonly eventFolder?: string;
  /** Default 4. */
  readonly partitions?: number;
}

/** A deployment of its own on shared servers: stores, topic, ledger and query processes. */
export interface Stage {
  readonly options: StageOptions;
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly folder: string;
  readonly eventStoreUrl: string;
  readonly readStoreUrl: string;
  readonly ledgers: readonly Slot[];
  readonly queries: readonly Slot[];
  readonly slots: readonly Slot[];
  /** Only with an event store that runs in this process. */
  readonly server: EventStoreServer | undefined;
  /** Starts every process, and waits until all of them are ready. */
  start(): Promise<void>;
  untilReady(): Promise<void>;
  release(): Promise<void>;
}

/** An event store server that can go away and come back with all it had. */
export class EventStoreServer {
  private constructor(private running: Loopback) {}

  static async start(): Promise<EventStoreServer> {
    return new EventStoreServer(await startLoopback());
  }

  get url(): string {
    return this.running.url;
  }

  get faults(): Loopback['faults'] {
    return this.running.faults;
  }

  /** Breaks every connection; clients may connect again at once. */
  disconnect(): Promise<void> {
    return this.running.disconnect();
  }

  stop(): Promise<void> {
    return this.running.stop();
  }

  async restart(): Promise<void> {
    const { log, endpoint } = this.running;
    this.running = await startLoopback({ log, port: endpoint.port });
  }
}

export async function createStage(world: World, options: StageOptions): Promise<Stage> {
  const { run, ledgers, queries, partitions = 4 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'purser-faults-'));
  const isGone = leaveNothing(removeFolder(folder));
  const server = options.eventStore === 'eventstoredb' ? await EventStoreServer.start() : undefined;
  const eventStoreUrl = server?.url ?? `sqlite:${options.eventFolder ?? folder}/events.db`;
  const readStoreUrl =
    options.readStore === 'postgres' ? await world.postgres.createDatabase() : `sqlite:${folder}/read.db`;
  const topic = `usage-${run}`;
  const environment = {
    EVENT_STORE_URL: eventStoreUrl,
    READ_STORE_URL: readStoreUrl,
    KAFKA_BROKERS: world.broker.brokers.join(','),
    USAGE_TOPIC: topic,
    CONSUMER_GROUP: topic,
    USAGE_PARTITIONS: String(partitions),
    // Fewer than there are customers: accounts are dropped and loaded again all the time.
    ACCOUNT_CACHE_SIZE: '12',
    LOG_LEVEL: 'info',
  };
  const place = (app: 'ledger' | 'query', count: number): Promise<Slot[]> =>
    Promise.all(Array.from({ length: count }, (_, n) => Slot.create(app, `${app} ${n}`, environment)));
  const stage: Stage = {
    options,
    brokers: world.broker.brokers,
    topic,
    folder,
    eventStoreUrl,
    readStoreUrl,
    ledgers: await place('ledger', ledgers),
    queries: await place('query', queries),
    get slots() {
      return [...this.ledgers, ...this.queries];
    },
    server,
    start: async () => {
      await Promise.all(stage.slots.map((slot) => slot.start()));
      await stage.untilReady();
    },
    untilReady: async () => {
      await Promise.all(stage.slots.filter(({ running }) => running).map((slot) => slot.untilReady()));
    },
    release: async () => {
      await Promise.all(stage.slots.map((slot) => slot.kill()));
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
      isGone();
    },
  };
  return stage;
}
