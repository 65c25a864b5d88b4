import type { Logger } from './logging.js';

export interface TroubleTold {
  /** What went wrong, once more or for the first time. */
  met(error: unknown, details?: object): void;
  /** It goes well. */
  over(): void;
}

/**
 * Logs trouble that is met again and again: when it begins, when it becomes another one, and when it is over.
 * @param text what is wrong
 * @param mended what is right again
 */
export function toldTrouble(logger: Logger, text: string, mended: string): TroubleTold {
  let last: string | undefined;
  return {
    met: (error, details = {}) => {
      const trouble = String(error);
      if (trouble === last) return;
      last = trouble;
      logger.warn({ err: error, ...details }, text);
    },
    over: () => {
      if (last !== undefined) logger.info(mended);
      last = undefined;
    },
  };
}
