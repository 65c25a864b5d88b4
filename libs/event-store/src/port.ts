/** An event as it is handed to the store: payloads are opaque bytes (UTF-8 JSON by convention of the caller). */
export interface NewEvent {
  /** A UUID, chosen by the caller so that appending the same event again is recognised. */
  readonly id: string;
  readonly type: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event as the store gives it back. */
export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  /** Place in its stream: contiguous from 0. */
  readonly revision: number;
  /** Place in the one total order of all streams; grows, with gaps. */
  readonly position: Position;
  /** When the store accepted it, by the store's clock, in milliseconds since the epoch. */
  readonly storedAtMs: number;
}

/** A place in the total order of all events; every event's is above `BEFORE_ALL`. */
export type Position = bigint;

/** Reading after this position is reading from the beginning. */
export const BEFORE_ALL: Position = 0n;

/** The revision of a stream that has no event yet. */
export const NO_STREAM = -1;

export interface Appended {
  /** Revision of the last event of this append. */
  readonly revision: number;
  /** Position of the last event of this append. */
  readonly position: Position;
}

export interface ReadStreamOptions {
  readonly direction?: 'forward' | 'backward';
  /** First revision to read, inclusive. Default: 0 forward, the head backward. */
  readonly from?: number;
  /** At most this many events. Default: all. */
  readonly limit?: number;
}

export interface ReadAllOptions {
  /** Read what stands strictly after this position. Default: from the beginning. */
  readonly after?: Position;
  /** Only streams whose name begins with one of these, filtered by the store. */
  readonly streamPrefixes: readonly string[];
  readonly limit?: number;
}

export interface SubscribeOptions {
  readonly after?: Position;
  readonly streamPrefixes: readonly string[];
  /** Ends the subscription: the iterator finishes without an error. */
  readonly signal: AbortSignal;
  /** Upper bound of events in one batch. Default 1000. */
  readonly maxBatch?: number;
}

/** What a live subscription yields. A batch without events only moves the checkpoint over what the filter left out. */
export interface SubscriptionBatch {
  readonly events: readonly RecordedEvent[];
  /**
   * Everything up to and including this position has been delivered or filtered out: resume after it. Never below the
   * last event delivered, and never moves back; `BEFORE_ALL` while nothing was delivered and nothing is known to be
   * filtered out. Behind what the filter leaves out it may stay back for as long as nothing passes, also when
   * `caughtUp` says that the reader is live: wait for events to be delivered, never for a checkpoint to reach a place.
   */
  readonly checkpoint: Position;
  /** True when the store had nothing more to deliver at the moment of this batch: the reader is live. */
  readonly caughtUp: boolean;
}

/**
 * The truth: append-only streams with exact expected revisions and one total order.
 * Every adapter passes the suite in `testing/`, so callers never know which one they hold.
 */
export interface EventStore {
  /**
   * Appends all of `events` or none. `expectedRevision` is the exact revision of the stream's last event
   * (`NO_STREAM` for none). Repeating an append whose every event id already stands at exactly those
   * revisions succeeds and changes nothing.
   *
   * @throws WrongExpectedRevision somebody else appended meanwhile (or only part of the events is there)
   * @throws AppendOutcomeUnknown it may or may not have been written: send the identical append again
   * @throws AppendTooLarge nothing was written; see `splitBySize`
   * @throws EventStoreUnavailable nothing was written
   */
  append(stream: string, expectedRevision: number, events: readonly NewEvent[]): Promise<Appended>;

  /**
   * Reads one stream in batches; a stream that does not exist yields nothing. Always reads from the leader.
   *
   * @throws EventsDamaged after everything that stands before them
   */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<readonly RecordedEvent[]>;

  /**
   * Reads the total order in batches up to its present end.
   *
   * @throws EventsDamaged after everything that stands before them
   */
  readAll(options: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]>;

  /**
   * Follows the total order for ever, reconnecting by itself from what it last yielded. Holds back when the
   * reader is slow: at most a bounded number of events wait in memory.
   *
   * @throws EventStoreUnavailable when that has failed for a while, or will not be allowed: subscribe again later, after
   *   the last checkpoint
   */
  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch>;

  /** Answers when the store does; throws EventStoreUnavailable otherwise, or EventStoreUnusable. */
  ping(): Promise<void>;

  close(): Promise<void>;
}
