import type { Logger } from '#platform';
import type { StreamLogger } from '#usage-stream/kafka';

/** Puts what the Kafka adapter says into the process's log. */
export function streamLogger(logger: Logger): StreamLogger {
  return {
    debug: (message, details) => logger.debug(details ?? {}, message),
    info: (message, details) => logger.info(details ?? {}, message),
    warn: (message, details) => logger.warn(details ?? {}, message),
    error: (message, details) => logger.error(details ?? {}, message),
  };
}
