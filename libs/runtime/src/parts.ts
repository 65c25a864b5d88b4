import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openEventStore, openReadStore, openUsageStream, type OpenUsageStream } from '#adapters';
import type { EventStore } from '#event-store';
import { withoutPassword, type Logger, type Settings } from '#platform';
import { ReadSideModule } from '#read-side';
import type { ReadStore } from '#read-store';
import type { PartitionProgress } from '#usage-stream';
import { UsageHorizon, WriteSideModule } from '#write-side';
import { streamLogger } from './stream-logger.js';

/** Which sides of the ledger a process runs. */
export interface Sides {
  readonly write: boolean;
  readonly read: boolean;
  /** Projects the event store into the read store: in this thread, in a worker, or somewhere else altogether. */
  readonly projector: 'inline' | 'worker' | 'none';
}

/** What a process is made of besides Nest itself. */
export interface Parts {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  readonly stream: OpenUsageStream | undefined;
  readonly modules: DynamicModule[];
  /** For the line that says that the process is ready. */
  readonly description: Readonly<Record<string, unknown>>;
  start(app: NestFastifyApplication): Promise<void>;
  close(): Promise<void>;
}
