/**
 * The projector in a thread of its own: it follows the event store by position, exactly as it would in another
 * process, and leaves the main thread to commands and queries.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Projector } from '#read-side';
import { followerReports } from './follower-reports.js';
import { closeStores, openStores } from './open-stores.js';
import type { ProjectorMessage, ProjectorTask } from './projector-thread.js';

const tell = (message: ProjectorMessage): void => parentPort?.postMessage(message);
const reports = followerReports(tell);

const stop = new AbortController();
parentPort?.once('message', () => {
  stop.abort();
});

const stores = await openStores(workerData as ProjectorTask, {
  signal: stop.signal,
  onAway: (_, error) => {
    reports.unready(error);
  },
});
try {
  if (stores) {
    const projector = new Projector({
      ...stores,
      reports: {
        ...reports,
        progress: ({ events, behindSinceMs }) => {
          tell({ kind: 'progress', events, behindSinceMs });
        },
      },
    });
    await projector.run(stop.signal);
  }
} finally {
  if (stores) await closeStores(stores);
  parentPort?.close();
}
