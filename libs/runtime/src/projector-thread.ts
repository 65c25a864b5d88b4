import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Health, Logger, Metrics } from '#platform';
import { ACCOUNTS_PROJECTOR } from '#read-side';

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

export interface ProjectorThread {
  /** Finishes the batch in hand and ends the thread. */
  stop(): Promise<void>;
}

/** Starts the projector's thread and puts what it tells into metrics, log and health. */
export function startProjector(
  task: ProjectorTask,
  {
    health,
    logger,
    metrics,
  }: { readonly health: Health; readonly logger: Logger; readonly metrics: Metrics },
): ProjectorThread {
  const projector = ACCOUNTS_PROJECTOR;
  const worker = new Worker(new URL('./projector.worker.js', import.meta.url), { workerData: task });
  let stopping = false;
  let away: string | undefined = 'starting';
  worker.on('message', (message: ProjectorMessage) => {
    if (message.kind === 'progress') {
      metrics.projectedEvents.inc({ projector }, message.events);
      metrics.projectionLag.set({ projector }, message.lagMs);
      return;
    }
    away = message.state === 'unready' ? (message.reason ?? 'a store is away') : undefined;
    const level = message.state === 'unready' ? 'warn' : 'info';
    logger[level]({ projector, reason: message.reason }, `projector ${message.state}`);
  });
  worker.on('error', (error) => {
    logger.fatal({ err: error, projector }, 'the projector stopped: an event cannot be folded');
    health.defect(error instanceof Error ? error : new Error(String(error)));
  });
  worker.on('exit', (code) => {
    if (!stopping) health.defect(new Error(`the projector's thread ended with ${code}`));
  });
  health.add({
    name: 'projector',
    check: () => (away === undefined ? Promise.resolve() : Promise.reject(new Error(away))),
  });
  return {
    stop: async () => {
      stopping = true;
      if (worker.threadId === -1) return;
      const ended = once(worker, 'exit');
      worker.postMessage('stop');
      await ended;
    },
  };
}
