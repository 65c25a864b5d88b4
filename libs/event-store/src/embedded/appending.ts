import { judgeAppend } from '../append-rule.js';
import { WrongExpectedRevision } from '../errors.js';
import { NO_STREAM, type Appended, type RecordedEvent } from '../port.js';
import type { Sqlite } from './database.js';
import { unpacked, type AppendRow } from './packed-append.js';
import { StreamHeads } from './stream-heads.js';

/** An append that has been checked (see `checkAppend`), with its events in the form of the file. */
export interface PackedAppend {
  readonly stream: string;
  readonly expectedRevision: number;
  /** How many. */
  readonly events: number;
  readonly blob: Buffer;
  readonly storedAtMs: number;
}

export interface Outcome {
  readonly wrote: boolean;
  readonly appended?: Appended;
  readonly conflict?: WrongExpectedRevision;
}

export interface Appending {
  /** A transaction that may write has begun. */
  readonly begun: () => void;
  /** A transaction was rolled back, or nobody knows whether it was. */
  readonly undone: () => void;
  /** Judges one append and writes it, inside the transaction that is open. */
  readonly append: (append: PackedAppend) => Outcome;
}

/** What appends do inside a transaction. */
export function appending(db: Sqlite): Appending {
  const heads = new StreamHeads(db);
  const addStream = db.prepare<[string]>('INSERT INTO streams (name) VALUES (?)');
  const addAppend = db.prepare<[number, number, number, number, number, Buffer]>(
    'INSERT INTO appends (position, stream, revision, events, stored_at, blob) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const end = db
    .prepare<[], number>("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'appends'")
    .pluck();
  const holding = db
    .prepare<[string, number, number], AppendRow>(
      `SELECT ?, position, revision, events, stored_at, blob FROM appends
       WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT 1`,
    )
    .raw();
  let position = 0;

  /** The events of a stream that stand at these revisions, and perhaps at a few more. */
  const standing = (stream: string, id: number, from: number, to: number): Map<number, RecordedEvent> => {
    const found = new Map<number, RecordedEvent>();
    for (let next = from; next <= to;) {
      const row = holding.get(stream, id, next);
      if (!row) break;
      for (const event of unpacked(row)) found.set(event.revision, event);
      next = row[2] + 1;
    }
    return found;
  };

  return {
    begun: () => {
      heads.begun();
      position = end.get() ?? 0;
    },
    undone: () => heads.undone(),
    append: ({ stream, expectedRevision, events, blob, storedAtMs }) => {
      const found = heads.of(stream);
      const head = found?.head ?? NO_STREAM;
      const revision = expectedRevision + events;
      const there =
        expectedRevision < head && found
          ? standing(stream, found.id, expectedRevision + 1, revision)
          : undefined;
      const verdict = judgeAppend(
        head,
        expectedRevision,
        () => unpacked([stream, 0, revision, events, storedAtMs, blob]).map(({ id }) => id),
        (at) => there?.get(at)?.id,
      );
      if (verdict === 'conflict') {
        return { wrote: false, conflict: new WrongExpectedRevision(stream, expectedRevision, head) };
      }
      if (verdict === 'repeat') {
        return { wrote: false, appended: { revision, position: there?.get(revision)?.position ?? 0n } };
      }
      const id = found?.id ?? Number(addStream.run(stream).lastInsertRowid);
      position += events;
      addAppend.run(position, id, revision, events, storedAtMs, blob);
      heads.moved(stream, { id, head: revision });
      return { wrote: true, appended: { revision, position: BigInt(position) } };
    },
  };
}
