import type { Logger } from '#platform';
import type { StreamLogger } from '#usage-stream/kafka';

/** A warning of the same words within so long is for debugging alone. */
const AGAIN_AFTER_MS = 60_000;

/**
 * Puts what the Kafka adapter says into the process's log. While a broker is away it says the same every few seconds:
 * that is a warning once a minute, and at once again after there was news.
 */
export function streamLogger(logger: Logger, now: () => number = Date.now): StreamLogger {
  const warned = new Map<string, number>();
  return {
    debug: (message, details) => logger.debug(details ?? {}, message),
    info: (message, details) => {
      warned.clear();
      logger.info(details ?? {}, message);
    },
    warn: (message, details) => {
      const again = now() - (warned.get(message) ?? -Infinity) < AGAIN_AFTER_MS;
      if (!again) warned.set(message, now());
      logger[again ? 'debug' : 'warn'](details ?? {}, message);
    },
    error: (message, details) => logger.error(details ?? {}, message),
  };
}
