import { Worker } from 'node:worker_threads';
import type { Health, Logger, Metrics } from '#platform';

/** What a thread's messages are put into. */
export interface ThreadSurroundings {
  readonly health: Health;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface BackgroundThread {
  /** Finishes the batch in hand and ends the thread. */
  stop(): Promise<void>;
}

/**
 * A batch of a few thousand events in hand does not fit the default (48): most of it would be copied around by the
 * collector before it is garbage.
 */
const YOUNG_GENERATION_MIB = 96;

/**
 * Starts a thread that works until it is sent a message, whatever it says. A thread that throws or ends by itself
 * is a defect of the process.
 */
export function startThread(
  name: string,
  module: URL,
  task: unknown,
  { health, logger }: ThreadSurroundings,
  hear: (message: unknown) => void,
): BackgroundThread {
  const worker = new Worker(module, {
    workerData: task,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  });
  let stopping = false;
  worker.on('message', hear);
  worker.on('error', (error) => {
    if (stopping) {
      logger.warn({ err: error, thread: name }, `the ${name} was stopped at an error`);
      return;
    }
    logger.fatal({ err: error, thread: name }, `the ${name} stopped at something that waiting will not mend`);
    health.defect(error instanceof Error ? error : new Error(String(error)));
  });
  worker.on('exit', (code) => {
    if (!stopping) health.defect(new Error(`the thread of the ${name} ended with ${code}`));
  });
  return {
    stop: async () => {
      stopping = true;
      if (worker.threadId === -1) return;
      // Whether it ends well or at an error, which is told above.
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      worker.postMessage('stop');
      await ended;
    },
  };
}
