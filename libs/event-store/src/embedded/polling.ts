import { EventStoreUnavailable } from '../errors.js';
import type { Position } from '../port.js';

export interface Changes {
  /** Resolves once something stands after `position`, or when woken for good by close, or when the signal aborts. */
  readonly changed: (position: Position, signal: AbortSignal) => Promise<void>;
  /** Tells those who wait that this handle committed something (or is closing). */
  readonly wake: () => void;
}

/**
 * Waits for new events. Appends of this handle wake at once; appends of other processes and threads are found by
 * looking, at first often, then less and less often while nothing happens.
 */
export function pollingChanges(
  lastPosition: () => Position,
  pollMs: { readonly least: number; readonly most: number },
): Changes {
  const sleepers = new Set<() => void>();

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        sleepers.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      sleepers.add(done);
      signal.addEventListener('abort', done);
    });

  return {
    changed: async (position, signal) => {
      for (let ms = pollMs.least; !signal.aborted; ms = Math.min(ms * 2, pollMs.most)) {
        try {
          if (lastPosition() > position) return;
        } catch (error) {
          // Closed or out of reach: the reader finds out which.
          if (error instanceof EventStoreUnavailable) return;
          throw error;
        }
        await pause(ms, signal);
      }
    },
    wake: () => {
      for (const done of [...sleepers]) done();
    },
  };
}
