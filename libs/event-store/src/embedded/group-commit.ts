import { judgeAppend } from '../append-rule.js';
import { appendBytes } from '../append-size.js';
import { AppendOutcomeUnknown, EventStoreUnavailable, WrongExpectedRevision } from '../errors.js';
import { NO_STREAM, type Appended, type NewEvent } from '../port.js';
import type { Sqlite } from './database.js';
import { isBusy, isIoError, translated } from './sqlite-errors.js';
import { uuidBytes, uuidText } from './uuid-bytes.js';

/** One transaction takes at most this much, so that the thread is never held up for long. */
const GROUP_BYTES = 8 * 1024 * 1024;
const GROUP_APPENDS = 4096;

/** Pause before the lock is tried again, in milliseconds. */
const LOCK_RETRY_MS = 5;

interface Waiting {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly events: readonly NewEvent[];
  readonly bytes: number;
  /** When it came, by the monotonic clock. */
  readonly since: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions {
  readonly name: string;
  readonly now: () => number;
  /** How long an append waits for another process's lock, in milliseconds. */
  readonly lockTimeoutMs: number;
  readonly onCommit: () => void;
}

export interface GroupCommit {
  append(stream: string, expectedRevision: number, events: readonly NewEvent[]): Promise<Appended>;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

/**
 * Appends that come in the same turn of the event loop share one transaction and so one fsync. Each succeeds or
 * conflicts by itself; they are judged in the order in which they came, each seeing those before it.
 */
export function groupCommit(db: Sqlite, options: GroupCommitOptions): GroupCommit {
  const { name, now, lockTimeoutMs, onCommit } = options;
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const appendOne = appender(db, now);
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
      bytes += queue[count]?.bytes ?? 0;
      count += 1;
    }
    const group = queue.slice(0, count);
    queue = queue.slice(count);
    return group;
  };

  const writeGroup = (group: readonly Waiting[]): void => {
    const failAll = (errorFor: (waiting: Waiting) => unknown): void => {
      // SQLite has ended the transaction itself after some errors (a full disk, for one).
      if (db.inTransaction) rollback.run();
      for (const waiting of group) waiting.reject(errorFor(waiting));
    };
    let outcomes: Outcome[];
    try {
      outcomes = group.map((waiting) => appendOne(waiting));
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
    if (wrote) onCommit();
  };

  return {
    append: (stream, expectedRevision, events) =>
      new Promise((resolve, reject) => {
        if (!db.open) throw new EventStoreUnavailable(`event store ${name} is closed`);
        const bytes = appendBytes(events);
        queue.push({ stream, expectedRevision, events, bytes, since: performance.now(), resolve, reject });
        schedule();
      }),
    drained: () =>
      new Promise((resolve) => {
        if (queue.length === 0) resolve();
        else onDrained.push(resolve);
      }),
  };
}

interface Outcome {
  readonly wrote: boolean;
  readonly appended?: Appended;
  readonly conflict?: WrongExpectedRevision;
}

/** Judges one append and writes it, inside the transaction that is open. */
function appender(db: Sqlite, now: () => number): (append: Waiting) => Outcome {
  const findStream = db.prepare<[string], { id: number; head: number | null }>(
    'SELECT id, (SELECT max(revision) FROM events WHERE stream = streams.id) AS head FROM streams WHERE name = ?',
  );
  const addStream = db.prepare<[string]>('INSERT INTO streams (name) VALUES (?)');
  const addEvent = db.prepare<[number, number, Buffer, string, Uint8Array, Uint8Array, number]>(
    'INSERT INTO events (stream, revision, id, type, data, metadata, stored_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const at = db.prepare<[number, number], { id: Buffer; position: number }>(
    'SELECT id, position FROM events WHERE stream = ? AND revision = ?',
  );

  return ({ stream, expectedRevision, events }) => {
    const found = findStream.get(stream);
    const head = found?.head ?? NO_STREAM;
    const verdict = judgeAppend(head, expectedRevision, events, (revision) => {
      const row = found && at.get(found.id, revision);
      return row && uuidText(row.id);
    });
    if (verdict === 'conflict') {
      return { wrote: false, conflict: new WrongExpectedRevision(stream, expectedRevision, head) };
    }
    const revision = expectedRevision + events.length;
    if (verdict === 'repeat') {
      const position = found ? at.get(found.id, revision)?.position : undefined;
      return { wrote: false, appended: { revision, position: BigInt(position ?? 0) } };
    }
    const streamId = found?.id ?? Number(addStream.run(stream).lastInsertRowid);
    const storedAtMs = now();
    let position: number | bigint = 0;
    events.forEach(({ id, type, data, metadata }, i) => {
      const at = expectedRevision + 1 + i;
      position = addEvent.run(streamId, at, uuidBytes(id), type, data, metadata, storedAtMs).lastInsertRowid;
    });
    return { wrote: true, appended: { revision, position: BigInt(position) } };
  };
}
