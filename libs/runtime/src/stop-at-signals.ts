import type { Logger } from '#platform';

/** A process that takes longer than this to stop is ended: what it had not finished is delivered again. */
const SHUTDOWN_DEADLINE_MS = 25_000;

/** What is needed of Node's own `process`. */
export interface Signalled {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(status: number): void;
}

/**
 * Stops at the first SIGTERM or SIGINT and ends the process. A signal often comes twice (from the terminal and from npm,
 * or to a whole process group), so further ones change nothing.
 */
export function stopAtSignals(
  stop: () => Promise<void>,
  logger: Logger,
  signalled: Signalled = process,
): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    signalled.on(signal, () => {
      if (stopping) return;
      stopping = true;
      logger.info({ signal }, 'stopping');
      const deadline = setTimeout(() => {
        logger.error(`not stopped after ${SHUTDOWN_DEADLINE_MS} ms: ending all the same`);
        signalled.exit(1);
      }, SHUTDOWN_DEADLINE_MS);
      const end = (status: number): void => {
        clearTimeout(deadline);
        signalled.exit(status);
      };
      stop().then(
        () => {
          end(0);
        },
        (error: unknown) => {
          logger.error({ err: error }, 'stopping failed');
          end(1);
        },
      );
    });
  }
}
