import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** One JSON line per message on standard output. */
export function createLogger(level: string, name: string): Logger {
  return pino({ level, name, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Lets Nest's own messages go the same way as ours. */
export function nestLogger(logger: Logger): LoggerService {
  const write = (level: 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal') => {
    return (message: unknown, ...rest: unknown[]) => {
      const context = rest.at(-1);
      const fields = { context: typeof context === 'string' ? context : undefined };
      if (message instanceof Error) logger[level]({ ...fields, err: message }, message.message);
      else logger[level](fields, typeof message === 'string' ? message : JSON.stringify(message));
    };
  };
  return {
    // What Nest tells at start-up (each route it maps) is of interest to its developers, not to operators.
    log: write('debug'),
    error: write('error'),
    warn: write('warn'),
    debug: write('debug'),
    verbose: write('trace'),
    fatal: write('fatal'),
  };
}
