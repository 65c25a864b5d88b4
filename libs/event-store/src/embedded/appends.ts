import type { Appended, NewEvent } from '../port.js';
import type { GroupCommit } from './group-commit.js';
import { packed } from './packed-append.js';

/** An append that has been checked (see `checkAppend`). */
export interface CheckedAppend {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly events: readonly NewEvent[];
  readonly storedAtMs: number;
}

/** Whoever writes the appends of one handle. */
export interface Appends {
  append(append: CheckedAppend): Promise<Appended>;
  /** Finishes the appends that wait. */
  close(): Promise<void>;
}

/** Appends that are written in this thread. */
export function appendsHere(commits: GroupCommit): Appends {
  return {
    append: ({ stream, expectedRevision, events, storedAtMs }) =>
      commits.append({ stream, expectedRevision, events: events.length, blob: packed(events), storedAtMs }),
    close: () => commits.drained(),
  };
}
