/** Publishes ledger events and alerts in a thread of its own, following the event store by position. */
import { parentPort, workerData } from 'node:worker_threads';
import { openEventPublisher, openEventStore, openReadStore, OUTGOING_TOPICS } from '#adapters';
import { StreamsOut } from '#read-side';
import { followerReports } from './follower-reports.js';
import type { StreamsOutMessage, StreamsOutTask } from './streams-out-thread.js';
import { whenThere } from './when-there.js';

const { eventStoreUrl, readStoreUrl, brokers, usageTopic, partitions } = workerData as StreamsOutTask;
const tell = (message: StreamsOutMessage): void => parentPort?.postMessage(message);

const stop = new AbortController();
parentPort?.once('message', () => {
  stop.abort();
});

type Level = 'debug' | 'info' | 'warn' | 'error';
/** The details may hold anything; what crosses to another thread must be plain. */
const log =
  (level: Level) =>
  (text: string, details: Readonly<Record<string, unknown>> = {}): void => {
    tell({ kind: 'log', level, text, details: JSON.parse(JSON.stringify(details)) as object });
  };

const waiting = {
  signal: stop.signal,
  onAway: ({ message }: Error): void => {
    tell({ kind: 'state', state: 'unready', reason: message });
  },
};
const eventStore = await whenThere(() => openEventStore(eventStoreUrl), waiting);
const readStore = await whenThere(() => openReadStore(readStoreUrl), waiting);
const publisher = openEventPublisher({
  brokers,
  usageTopic,
  partitions,
  logger: { debug: () => undefined, info: log('info'), warn: log('warn'), error: log('error') },
});
const streamsOut = new StreamsOut({
  eventStore,
  readStore,
  publisher,
  topics: OUTGOING_TOPICS,
  reports: {
    ...followerReports(tell),
    progress: ({ events, alerts, behindSinceMs }) => {
      tell({ kind: 'progress', events, alerts, behindSinceMs });
    },
  },
});
try {
  await streamsOut.run(stop.signal);
} finally {
  await publisher.close();
  await readStore.close();
  await eventStore.close();
  parentPort?.close();
}
