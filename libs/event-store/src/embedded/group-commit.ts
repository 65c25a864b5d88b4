import { AppendOutcomeUnknown, EventStoreUnavailable } from '../errors.js';
import type { Appended } from '../port.js';
import { appending, type Outcome, type PackedAppend } from './appending.js';
import type { Sqlite } from './database.js';
import { isBusy, isIoError, translated } from './sqlite-errors.js';

/** One transaction takes at most this much, so that the thread is never held up for long. */
const GROUP_BYTES = 8 * 1024 * 1024;
const GROUP_APPENDS = 4096;

/** Pause before the lock is tried again, in milliseconds. */
const LOCK_RETRY_MS = 5;

interface Waiting extends PackedAppend {
  /** When it came, by the monotonic clock. */
  readonly since: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions {
  readonly name: string;
  /** How long an append waits for another process's lock, in milliseconds. */
  readonly lockTimeoutMs: number;
  readonly onCommit?: () => void;
}

export interface GroupCommit {
  append(append: PackedAppend): Promise<Appended>;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

/**
 * Appends that come in the same turn of the event loop share one transaction and so one fsync. Each succeeds or
 * conflicts by itself; they are judged in the order in which they came, each seeing those before it.
 */
export function groupCommit(db: Sqlite, options: GroupCommitOptions): GroupCommit {
  const { name, lockTimeoutMs, onCommit } = options;
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const appends = appending(db);
  let queue: Waiting[] = [];
  let scheduled = false;
  let onDrained: (() => void)[] = [];

  const schedule = (afterMs?: number): void => {
    if (scheduled) return;
    scheduled = true;
    if (afterMs === undefined) setImmediate(flush);
    else setTimeout(flush, afterMs);
  };

  const flush = (): void => {
    scheduled = false;
    const group = takeGroup();
    try {
      begin.run();
    } catch (error) {
      const patient = isBusy(error)
        ? group.filter(({ since }) => performance.now() - since < lockTimeoutMs)
        : [];
      const done = group.filter((waiting) => !patient.includes(waiting));
      queue = [...patient, ...queue];
      for (const { reject } of done) reject(translated(`event store ${name}`, error));
      next(LOCK_RETRY_MS);
      return;
    }
    writeGroup(group);
    next();
  };

  const next = (afterMs?: number): void => {
    if (queue.length > 0) {
      schedule(afterMs);
      return;
    }
    for (const done of onDrained) done();
    onDrained = [];
  };

  const takeGroup = (): Waiting[] => {
    let bytes = 0;
    let count = 0;
    while (count < queue.length && count < GROUP_APPENDS && bytes < GROUP_BYTES) {
      bytes += queue[count]?.blob.byteLength ?? 0;
      count += 1;
    }
    const group = queue.slice(0, count);
    queue = queue.slice(count);
    return group;
  };

  const writeGroup = (group: readonly Waiting[]): void => {
    const failAll = (errorFor: (waiting: Waiting) => unknown): void => {
      appends.undone();
      // SQLite has ended the transaction itself after some errors (a full disk, for one).
      if (db.inTransaction) rollback.run();
      for (const waiting of group) waiting.reject(errorFor(waiting));
    };
    let outcomes: Outcome[];
    try {
      appends.begun();
      outcomes = group.map((waiting) => appends.append(waiting));
    } catch (error) {
      failAll(() => translated(`event store ${name}`, error));
      return;
    }
    const wrote = outcomes.some((outcome) => outcome.wrote);
    try {
      (wrote ? commit : rollback).run();
    } catch (error) {
      failAll((waiting) =>
        isIoError(error)
          ? new AppendOutcomeUnknown(waiting.stream, waiting.expectedRevision, { cause: error })
          : translated(`event store ${name}`, error),
      );
      return;
    }
    group.forEach(({ resolve, reject }, i) => {
      const outcome = outcomes[i];
      if (outcome?.appended) resolve(outcome.appended);
      else reject(outcome?.conflict);
    });
    if (wrote) onCommit?.();
  };

  return {
    append: (append) =>
      new Promise((resolve, reject) => {
        if (!db.open) throw new EventStoreUnavailable(`event store ${name} is closed`);
        queue.push({ ...append, since: performance.now(), resolve, reject });
        schedule();
      }),
    drained: () =>
      new Promise((resolve) => {
        if (queue.length === 0) resolve();
        else onDrained.push(resolve);
      }),
  };
}
