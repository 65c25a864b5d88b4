import type { DynamicModule } from '@nestjs/common';
import { openUsageStream, type OpenUsageStream } from '#adapters';
import { withoutPassword, type Settings } from '#platform';
import { ReadSideModule } from '#read-side';
import { UsageHorizon, WriteSideModule } from '#write-side';
import type { BackgroundThread, ThreadSurroundings } from './background-thread.js';
import { closeStores, openStores } from './open-stores.js';
import { PartitionReports } from './partition-reports.js';
import { ProjectionFreshness } from './projection-freshness.js';
import { startProjector } from './projector-thread.js';
import { streamLogger } from './stream-logger.js';
import { startStreamsOut } from './streams-out-thread.js';
import { waitingForStores } from './waiting-for-stores.js';

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
  start(): void;
  close(): Promise<void>;
}

/** What the parts of a process tell, and when they are not wanted any more. */
export interface Surroundings extends ThreadSurroundings {
  readonly signal: AbortSignal;
}

/**
 * Opens the adapters that the settings name and puts the sides together. A store that is away is waited for.
 * @returns undefined, and nothing is open, once the signal has aborted
 */
export async function openParts(
  settings: Settings,
  sides: Sides,
  surroundings: Surroundings,
): Promise<Parts | undefined> {
  const { eventStoreUrl, readStoreUrl, kafkaBrokers, usageTopic } = settings;
  const { logger, metrics } = surroundings;
  const stores = await openStores(settings, waitingForStores(surroundings), { appendIn: 'thread' });
  if (!stores) return undefined;
  const { eventStore, readStore } = stores;
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
  stream?.consumer.onStatus((status) => {
    reports.assigned(status);
  });
  const horizon = stream
    ? UsageHorizon.overPartitions(readStore, stream.partitions)
    : UsageHorizon.withoutStream();
  const freshness = new ProjectionFreshness();
  const modules: DynamicModule[] = [];
  if (sides.write) {
    modules.push(
      WriteSideModule.register({ eventStore, readStore, horizon, deadLetters: stream?.deadLetters }),
    );
  }
  if (sides.read) {
    const topic = kafkaBrokers && usageTopic;
    modules.push(ReadSideModule.register({ eventStore, readStore, freshness, usageTopic: topic }));
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
    start: () => {
      reports.start({ horizon, lag: metrics.consumerLag, logger });
      if (!sides.read) return;
      threads.push(startProjector({ eventStoreUrl, readStoreUrl }, freshness, surroundings));
      if (kafkaBrokers && settings.streamsOut) {
        const kafka = { brokers: kafkaBrokers, usageTopic, partitions: settings.usagePartitions };
        threads.push(startStreamsOut({ eventStoreUrl, readStoreUrl, ...kafka }, surroundings));
      }
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.stop()));
      await stream?.close();
      await closeStores(stores);
    },
  };
}
