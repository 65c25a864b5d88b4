import type { AccountCommand } from '#domain';
import type { Outcome } from './outcome.js';

/** Commands of one account that were submitted together, and who is told what they came to. Neither way of telling throws. */
export interface Submission {
  readonly commands: readonly AccountCommand[];
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
  /** All of them are durable. */
  executed(outcomes: Outcome[]): void;
  failed(error: unknown): void;
}
