import { toldTrouble, type Health, type Logger } from '#platform';
import { STORES, type WaitingForStores } from './open-stores.js';

export interface Telling {
  readonly health: Health;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Tells readiness and the log of the stores that a process waits for. Each has a place in readiness at once, and once it
 * is open what it says itself stands there.
 */
export function waitingForStores({ health, logger, signal }: Telling): WaitingForStores {
  const reasons = new Map<string, string>();
  for (const name of STORES) {
    health.add({ name, check: () => Promise.reject(new Error(reasons.get(name) ?? 'not open yet')) });
  }
  const trouble = toldTrouble(logger, 'a store is away; waiting for it', 'the store is there');
  return {
    signal,
    onAway: (name, error) => {
      reasons.set(name, error.message);
      trouble.met(error);
    },
    onOpen: (name, store) => {
      health.add({ name, check: () => store.ping() });
      trouble.over();
    },
  };
}
