import { ACCOUNTS_PROJECTOR } from '#read-side';
import { startThread, type BackgroundThread, type ThreadSurroundings } from './background-thread.js';
import { toldChanges } from './told-changes.js';

/** What the thread is given. */
export interface ProjectorTask {
  readonly eventStoreUrl: string;
  readonly readStoreUrl: string;
}

/** What the thread tells. */
export type ProjectorMessage =
  | { readonly kind: 'progress'; readonly events: number; readonly lagMs: number }
  | {
      readonly kind: 'state';
      readonly state: 'active' | 'standby' | 'unready' | 'superseded';
      readonly reason?: string;
    };

/** Starts the projector's thread and puts what it tells into metrics, log and health. */
export function startProjector(task: ProjectorTask, surroundings: ThreadSurroundings): BackgroundThread {
  const { health, logger, metrics } = surroundings;
  const projector = ACCOUNTS_PROJECTOR;
  const module = new URL('./projector.worker.js', import.meta.url);
  const log = toldChanges(logger, 'projector', { projector });
  let away: string | undefined = 'starting';
  const thread = startThread('projector', module, task, surroundings, (told) => {
    const message = told as ProjectorMessage;
    if (message.kind === 'progress') {
      metrics.projectedEvents.inc({ projector }, message.events);
      metrics.projectionLag.set({ projector }, message.lagMs);
      return;
    }
    away = message.state === 'unready' ? (message.reason ?? 'a store is away') : undefined;
    log(message.state, message.reason);
  });
  health.add({
    name: 'projector',
    check: () => (away === undefined ? Promise.resolve() : Promise.reject(new Error(away))),
  });
  return thread;
}
