import { setTimeout as delay } from 'node:timers/promises';
import { EventStoreUnavailable } from '#event-store';
import { ReadStoreUnavailable } from '#read-store';

const PAUSE_MS = 1_000;

export interface Waiting {
  /** Told of each attempt that found the store away. */
  readonly onAway: (error: Error) => void;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Between two attempts. Default 1 s. */
  readonly pauseMs?: number;
}

/**
 * Opens a store, again and again for as long as it is away: a process that starts while a server is being restarted
 * waits for it, as one that was there before does.
 * @returns undefined once the signal has aborted: there is nothing to wait for any more
 * @throws whatever else goes wrong, at once
 */
export async function whenThere<T>(
  open: () => T | Promise<T>,
  { onAway, signal, pauseMs = PAUSE_MS }: Waiting,
): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await open();
    } catch (error) {
      if (!isAway(error)) throw error;
      onAway(error);
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

function isAway(error: unknown): error is Error {
  return error instanceof EventStoreUnavailable || error instanceof ReadStoreUnavailable;
}
