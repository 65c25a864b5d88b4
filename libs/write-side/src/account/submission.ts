import type { AccountCommand } from '#domain';
import type { Outcome } from './outcome.js';

/** Commands of one account that were submitted together, and who is told what they came to. Neither way of telling throws. */
export interface Submission {
  /** Commands at most. */
  readonly size: number;
  /**
   * Asked once, when their turn has come: usage waits by the thousand, and as the bytes it came in it costs the
   * garbage collector next to nothing.
   */
  commands(): readonly AccountCommand[];
  /** Somebody waits for just this one: it does not stand behind a flood. */
  readonly urgent: boolean;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
  /** All of them are durable. */
  executed(outcomes: Outcome[]): void;
  failed(error: unknown): void;
}
