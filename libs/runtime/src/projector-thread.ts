import { ACCOUNTS_PROJECTOR } from '#read-side';
import { startThread, type BackgroundThread, type ThreadSurroundings } from './background-thread.js';
import { FollowerHealth, type FollowerMessage } from './follower-health.js';
import type { ProjectionFreshness } from './projection-freshness.js';
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

/**
 * Starts the projector's thread and puts what it tells into metrics, log and health. A process whose answers would come
 * from long ago is not ready, whoever projects: this one or another.
 */
export function startProjector(
  task: ProjectorTask,
  freshness: ProjectionFreshness,
  surroundings: ThreadSurroundings,
): BackgroundThread {
  const { health, logger, metrics } = surroundings;
  const projector = ACCOUNTS_PROJECTOR;
  const module = new URL('./projector.worker.js', import.meta.url);
  const follower = new FollowerHealth({
    log: toldChanges(logger, 'projector', { projector }),
    behind: (sinceMs) => {
      metrics.projectionLag.since({ projector }, sinceMs);
      freshness.told(sinceMs);
    },
  });
  const thread = startThread('projector', module, task, surroundings, (told) => {
    const message = told as ProjectorMessage;
    if (message.kind !== 'progress') {
      follower.hear(message);
      if (message.kind === 'state' && message.state === 'standby') freshness.told(message.behindSinceMs);
      return;
    }
    metrics.projectedEvents.inc({ projector }, message.events);
    follower.moved(message.behindSinceMs);
  });
  health.add({ name: 'projector', check: () => follower.check().then(() => freshness.check()) });
  return thread;
}
