import { logLevel, type LogEntry, type logCreator } from 'kafkajs';

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
 * kafkajs calls everything an error that it retries a moment later, so what it says is one level lower here:
 * its errors are warnings, its warnings information, and the rest is for debugging. What matters to an operator
 * this adapter says itself, once.
 */
export function kafkajsLogs(logger: StreamLogger): logCreator {
  return () =>
    ({ level, namespace, log }: LogEntry) => {
      const { message, ...details } = log;
      const text = `kafkajs ${namespace}: ${message}`;
      if (level === logLevel.ERROR) logger.warn(text, details);
      else if (level === logLevel.WARN) logger.info(text, details);
      else logger.debug(text, details);
    };
}
