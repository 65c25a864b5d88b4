import { watchReadiness, type Health, type Logger } from '#platform';

/**
 * Logs when the process becomes ready, and when it is not any more, with what its parts say.
 * @returns ends the telling
 */
export function toldReadiness(health: Health, logger: Logger, onReady: () => void): () => void {
  let wasReady = false;
  return watchReadiness(health, ({ healthy, parts }) => {
    if (healthy) {
      wasReady = true;
      logger.info('ready');
      onReady();
    } else if (wasReady) logger.warn({ parts }, 'not ready any more');
    else logger.info({ parts }, 'not ready yet');
  });
}
