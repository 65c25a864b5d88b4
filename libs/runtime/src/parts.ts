import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openEventStore, openReadStore, openUsageStream, type OpenUsageStream } from '#adapters';
import { Health, METRICS, withoutPassword, type Logger, type Metrics, type Settings } from '#platform';
import { ReadSideModule } from '#read-side';
import type { PartitionProgress } from '#usage-stream';
import { UsageHorizon, WriteSideModule } from '#write-side';
import type { BackgroundThread } from './background-thread.js';
import { startProjector } from './projector-thread.js';
import { streamLogger } from './stream-logger.js';
import { startStreamsOut } from './streams-out-thread.js';
import { whenThere } from './when-there.js';

/** Which sides of the ledger a process runs. */
export interface Sides {
  /** Commands, usage and the scheduler. */
  readonly write: boolean;
  /** Queries and the projector. */
  readonly read: boolean;
}

/** What a process is made of besides Nest itself. */
export interface Parts {
  readonly stream: OpenUsageStream | undefined;
  readonly modules: DynamicModule[];
  /** For the line that says that the process is ready. */
  readonly description: Readonly<Record<string, unknown>>;
  /** Starts what works in the background. */
  start(app: NestFastifyApplication): void;
  close(): Promise<void>;
}

/** Opens the adapters that the settings name and puts the sides together. */
export async function openParts(settings: Settings, sides: Sides, logger: Logger): Promise<Parts> {
  const { eventStoreUrl, readStoreUrl, kafkaBrokers, usageTopic } = settings;
  const onAway = (err: Error): void => {
    logger.warn({ err }, 'a store is away; waiting for it');
  };
  const eventStore = await whenThere(() => openEventStore(eventStoreUrl, { appendIn: 'thread' }), { onAway });
  const readStore = await whenThere(() => openReadStore(readStoreUrl), { onAway });
  const reports = new PartitionReports();
  const stream =
    sides.write && kafkaBrokers
      ? openUsageStream({
          brokers: kafkaBrokers,
          topic: usageTopic,
          groupId: settings.consumerGroup,
          partitions: settings.usagePartitions,
          logger: streamLogger(logger),
          onProgress: (progress) => {
            reports.publish(progress);
          },
        })
      : undefined;
  const horizon = stream
    ? UsageHorizon.overPartitions(readStore, stream.partitions)
    : UsageHorizon.withoutStream();
  const modules: DynamicModule[] = [];
  if (sides.write) {
    modules.push(
      WriteSideModule.register({ eventStore, readStore, horizon, deadLetters: stream?.deadLetters }),
    );
  }
  if (sides.read) {
    modules.push(ReadSideModule.register({ eventStore, readStore, usageTopic: kafkaBrokers && usageTopic }));
  }
  const threads: BackgroundThread[] = [];
  return {
    stream,
    modules,
    description: {
      eventStore: withoutPassword(eventStoreUrl),
      readStore: withoutPassword(readStoreUrl),
      kafka: kafkaBrokers ?? 'none',
    },
    start: (app) => {
      const metrics = app.get<Metrics>(METRICS);
      reports.start(horizon, metrics, logger);
      if (!sides.read) return;
      const surroundings = { health: app.get(Health), logger, metrics };
      threads.push(startProjector({ eventStoreUrl, readStoreUrl }, surroundings));
      if (kafkaBrokers && settings.streamsOut) {
        const kafka = { brokers: kafkaBrokers, usageTopic, partitions: settings.usagePartitions };
        threads.push(startStreamsOut({ eventStoreUrl, readStoreUrl, ...kafka }, surroundings));
      }
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.stop()));
      await stream?.close();
      await readStore.close();
      await eventStore.close();
    },
  };
}

/** Passes on how far the partitions are: to the horizon, one exchange at a time, and to the metrics. */
class PartitionReports {
  #publish: ((progress: readonly PartitionProgress[]) => void) | undefined;

  start(horizon: UsageHorizon, metrics: Metrics, logger: Logger): void {
    let exchanging = false;
    this.#publish = (progress) => {
      for (const { topic, partition, lag } of progress) {
        metrics.consumerLag.set({ partition: `${topic}/${partition}` }, lag);
      }
      if (exchanging) return;
      exchanging = true;
      horizon
        .exchange(progress)
        .catch((error: unknown) => {
          logger.warn({ err: error }, 'the usage horizon could not be exchanged; expiries wait');
        })
        .finally(() => (exchanging = false));
    };
  }

  publish(progress: readonly PartitionProgress[]): void {
    this.#publish?.(progress);
  }
}
