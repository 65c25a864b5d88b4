import { judgeAppend } from '../append-rule.js';
import { WrongExpectedRevision } from '../errors.js';
import { NO_STREAM, type Appended, type NewEvent } from '../port.js';
import type { Sqlite } from './database.js';
import { StreamHeads } from './stream-heads.js';
import { uuidBytes, uuidText } from './uuid-bytes.js';

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
  append(append: {
    readonly stream: string;
    readonly expectedRevision: number;
    readonly events: readonly NewEvent[];
  }): Outcome;
}

/** What appends do inside a transaction. */
export function appending(db: Sqlite, now: () => number): Appending {
  const heads = new StreamHeads(db);
  const addStream = db.prepare<[string]>('INSERT INTO streams (name) VALUES (?)');
  const addEvent = db.prepare<[number, number, Buffer, string, Uint8Array, Uint8Array, number]>(
    'INSERT INTO events (stream, revision, id, type, data, metadata, stored_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const at = db.prepare<[number, number], { id: Buffer; position: number }>(
    'SELECT id, position FROM events WHERE stream = ? AND revision = ?',
  );

  return {
    begun: () => heads.begun(),
    undone: () => heads.undone(),
    append: ({ stream, expectedRevision, events }) => {
      const found = heads.of(stream);
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
      const id = found?.id ?? Number(addStream.run(stream).lastInsertRowid);
      const storedAtMs = now();
      let position: number | bigint = 0;
      let next = expectedRevision;
      for (const event of events) {
        next += 1;
        const { type, data, metadata } = event;
        position = addEvent.run(
          id,
          next,
          uuidBytes(event.id),
          type,
          data,
          metadata,
          storedAtMs,
        ).lastInsertRowid;
      }
      heads.moved(stream, { id, head: revision });
      return { wrote: true, appended: { revision, position: BigInt(position) } };
    },
  };
}
