/** Publishes ledger events and alerts in a thread of its own, following the event store by position. */
import { parentPort, workerData } from 'node:worker_threads';
import { openEventPublisher, OUTGOING_TOPICS } from '#adapters';
import { StreamsOut } from '#read-side';
import { followerReports } from './follower-reports.js';
import { closeStores, openStores, type Stores } from './open-stores.js';
import type { StreamsOutMessage, StreamsOutTask } from './streams-out-thread.js';

const task = workerData as StreamsOutTask;
const tell = (message: StreamsOutMessage): void => parentPort?.postMessage(message);
const reports = followerReports(tell);

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

const stores = await openStores(task, {
  signal: stop.signal,
  onAway: (_, error) => {
    reports.unready(error);
  },
});
try {
  if (stores) await publishOut(stores);
} finally {
  if (stores) await closeStores(stores);
  parentPort?.close();
}

async function publishOut(stores: Stores): Promise<void> {
  const { brokers, usageTopic, partitions } = task;
  const publisher = openEventPublisher({
    brokers,
    usageTopic,
    partitions,
    logger: { debug: () => undefined, info: log('info'), warn: log('warn'), error: log('error') },
  });
  const streamsOut = new StreamsOut({
    ...stores,
    publisher,
    topics: OUTGOING_TOPICS,
    reports: {
      ...reports,
      progress: ({ events, alerts, behindSinceMs }) => {
        tell({ kind: 'progress', events, alerts, behindSinceMs });
      },
    },
  });
  try {
    await streamsOut.run(stop.signal);
  } finally {
    await publisher.close();
  }
}
