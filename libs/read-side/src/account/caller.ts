/** Whoever waits for an answer. */
export interface Caller {
  /** Aborts when nobody waits any more. Asked for only where there is something to break off. */
  readonly signal: AbortSignal;
}
