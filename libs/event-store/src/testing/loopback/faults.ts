/** What can go wrong with one append. The name says what the server does instead of answering as it should. */
export type AppendFault =
  /** Writes, then says nothing. */
  | 'written-no-answer'
  /** Neither writes nor says anything. */
  | 'lost-no-answer'
  /** Writes, then the stream breaks off with UNAVAILABLE. */
  | 'written-stream-broken'
  /** The stream breaks off with UNAVAILABLE before anything is written. */
  | 'lost-stream-broken'
  /** Writes, then ends the stream in good order without having answered. */
  | 'written-stream-ended'
  /** Writes and reports a time-out of its own. */
  | 'written-timeout'
  /** Writes and answers twice (BatchAppend only: a unary call has one answer). */
  | 'answered-twice'
  /** Writes and answers after `slowMs`. */
  | 'slow'
  /** Not written: this node is not the leader; says who is. */
  | 'not-leader'
  /** Not written: not the leader, and nobody is at present. */
  | 'no-leader'
  /** Not written. */
  | 'busy'
  | 'not-ready'
  | 'unavailable'
  | 'access-denied'
  | 'stream-deleted'
  | 'bad-request'
  /** … and the server reports a time-out of its own: a repeat of what is written, but not replicated yet. */
  | 'timeout'
  /** … in the words of 25.1, which has a limit for the single event as well. */
  | 'event-too-large'
  /** Not written, and the error says nothing. */
  | 'unknown';

/** What can go wrong with one read or subscription. */
export type ReadFault =
  /** Accepts the call and says nothing. */
  | 'no-answer'
  /** Breaks off with UNAVAILABLE after a few messages. */
  | 'broken'
  /** Ends a subscription in good order after a few messages. */
  | 'ended'
  /** Breaks off after a few messages, as 23.10 does to a subscriber that does not keep up. */
  | 'too-slow'
  | 'not-leader'
  | 'not-ready'
  | 'access-denied';

/** Faults to come, in order, one per call; and faults that stay. */
export class Faults {
  readonly #appends: AppendFault[] = [];
  readonly #reads: ReadFault[] = [];
  /** Delay of a slow answer, in milliseconds. */
  slowMs = 50;
  /** The server never answers the question for its supported methods. */
  silentFeatures = false;
  /** Messages of a read that get through before it breaks off. */
  readsBreakAfter = 5;
  /** An idempotent repeat is answered without a position, as by servers before 22.10.5. */
  forgetsPositions = false;
  /** How long a read of `$all` looks for the next event that passes, without a word, in milliseconds. */
  searchMs = 0;

  nextAppends(...faults: AppendFault[]): void {
    this.#appends.push(...faults);
  }

  nextReads(...faults: ReadFault[]): void {
    this.#reads.push(...faults);
  }

  takeAppend(): AppendFault | undefined {
    return this.#appends.shift();
  }

  takeRead(): ReadFault | undefined {
    return this.#reads.shift();
  }
}
