import type { LogEntry, logCreator } from 'kafkajs';

/** Where the adapter says what it does. Shaped so that a pino or Nest logger needs one line to fit. */
export interface StreamLogger {
  debug(message: string, details?: Readonly<Record<string, unknown>>): void;
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  error(message: string, details?: Readonly<Record<string, unknown>>): void;
}

const nothing = (): void => undefined;

export const silentLogger: StreamLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * kafkajs calls everything an error that it retries a moment later, and says it several times a second while a broker
 * is away. So all it says is for debugging: what matters to an operator this adapter says itself.
 */
export function kafkajsLogs(logger: StreamLogger): logCreator {
  return () =>
    ({ namespace, log }: LogEntry) => {
      const { message, ...details } = log;
      logger.debug(`kafkajs ${namespace}: ${message}`, details);
    };
}
