import type { Position } from './port.js';

/** The stream's head is not where the caller thought: reload, look for the id again, decide again. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  constructor(
    readonly stream: string,
    readonly expectedRevision: number,
    /** -1 when the stream does not exist; undefined when the store did not say. */
    readonly actualRevision: number | undefined,
  ) {
    super(
      `stream ${stream}: expected revision ${expectedRevision}, but it is ${actualRevision ?? 'another one'}`,
    );
  }
}

/** Time-out or broken connection in mid-append: nobody knows whether it was written. */
export class AppendOutcomeUnknown extends Error {
  override readonly name = 'AppendOutcomeUnknown';
  constructor(
    readonly stream: string,
    readonly expectedRevision: number,
    options: { cause: unknown },
  ) {
    super(`stream ${stream}: no answer to the append after revision ${expectedRevision}`, options);
  }
}

/** The append is larger than the store takes in one piece; nothing was written. */
export class AppendTooLarge extends Error {
  override readonly name = 'AppendTooLarge';
  constructor(
    readonly stream: string,
    readonly bytes: number,
    readonly limitBytes: number,
  ) {
    super(`stream ${stream}: an append of ${bytes} bytes is over the limit of ${limitBytes} bytes`);
  }
}

/**
 * The store gave back what cannot be an append. Nothing of it can be told; what stands before it and behind it can be:
 * read on after `position`, or from the revision after `revision`.
 */
export class EventsDamaged extends Error {
  override readonly name = 'EventsDamaged';
  constructor(
    readonly stream: string,
    /** Of the last event of the append. */
    readonly revision: number,
    /** Of the last event of the append. */
    readonly position: Position,
    readonly why: string,
  ) {
    super(`${stream} revision ${revision}: ${why}`);
  }
}

/** The store cannot be reached or refuses work for now; nothing was written. */
export class EventStoreUnavailable extends Error {
  override readonly name = 'EventStoreUnavailable';
}

/** What stands there is no event store, or one of a form that this version cannot use: waiting will not mend it. */
export class EventStoreUnusable extends Error {
  override readonly name = 'EventStoreUnusable';
}
