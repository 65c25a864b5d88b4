/**
 * The projector in a thread of its own: it follows the event store by position, exactly as it would in another
 * process, and leaves the main thread to commands and queries.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openEventStore, openReadStore } from '#adapters';
import { Projector } from '#read-side';
import { followerReports } from './follower-reports.js';
import type { ProjectorMessage, ProjectorTask } from './projector-thread.js';
import { whenThere } from './when-there.js';

const { eventStoreUrl, readStoreUrl } = workerData as ProjectorTask;
const tell = (message: ProjectorMessage): void => parentPort?.postMessage(message);

const stop = new AbortController();
parentPort?.once('message', () => {
  stop.abort();
});

const waiting = {
  signal: stop.signal,
  onAway: ({ message }: Error): void => {
    tell({ kind: 'state', state: 'unready', reason: message });
  },
};
const eventStore = await whenThere(() => openEventStore(eventStoreUrl), waiting);
const readStore = await whenThere(() => openReadStore(readStoreUrl), waiting);
const projector = new Projector({
  eventStore,
  readStore,
  reports: {
    ...followerReports(tell),
    progress: ({ events, behindSinceMs }) => {
      tell({ kind: 'progress', events, behindSinceMs });
    },
  },
});
try {
  await projector.run(stop.signal);
} finally {
  await readStore.close();
  await eventStore.close();
  parentPort?.close();
}
