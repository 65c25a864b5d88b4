import { ACCOUNTS_PROJECTOR } from '#read-side';
import { startThread, type BackgroundThread, type ThreadSurroundings } from './background-thread.js';
import { FollowerHealth, type FollowerMessage } from './follower-health.js';
import { toldChanges } from './told-changes.js';

/** What the thread is given. */
export interface ProjectorTask {
  readonly eventStoreUrl: string;
  readonly readStoreUrl: string;
}

/** What the thread tells. */
export type ProjectorMessage =
  | { readonly kind: 'progress'; readonly events: number; readonly behindSinceMs: number | undefined }
  | FollowerMessage;

/** Starts the projector's thread and puts what it tells into metrics, log and health. */
export function startProjector(task: ProjectorTask, surroundings: ThreadSurroundings): BackgroundThread {
  const { health, logger, metrics } = surroundings;
  const projector = ACCOUNTS_PROJECTOR;
  const module = new URL('./projector.worker.js', import.meta.url);
  const follower = new FollowerHealth({
    log: toldChanges(logger, 'projector', { projector }),
    behind: (sinceMs) => {
      metrics.projectionLag.since({ projector }, sinceMs);
    },
  });
  const thread = startThread('projector', module, task, surroundings, (told) => {
    const message = told as ProjectorMessage;
    if (message.kind !== 'progress') {
      follower.hear(message);
      return;
    }
    metrics.projectedEvents.inc({ projector }, message.events);
    follower.moved(message.behindSinceMs);
  });
  health.add({ name: 'projector', check: () => follower.check() });
  return thread;
}
