import { NO_STREAM } from '../port.js';
import type { Sqlite } from './database.js';

export interface StreamHead {
  /** The stream's number in the file. */
  readonly id: number;
  /** Revision of its last event. */
  readonly head: number;
}

/** How many are remembered: a few hundred bytes each. */
const REMEMBERED = 20_000;

/**
 * Where streams end, remembered from one append to the next. What is remembered holds within a transaction that has
 * the lock to write, and only if `begun` was told of it: others may have appended before.
 */
export class StreamHeads {
  private readonly remembered = new Map<string, StreamHead>();
  private readonly version;
  private readonly find;
  private seenVersion: number | undefined;

  constructor(db: Sqlite) {
    // Changes when another connection, of this process or another one, has committed something; not with our commits.
    this.version = db.prepare<[], number>('PRAGMA data_version').pluck();
    this.find = db.prepare<[string], { id: number; head: number | null }>(
      'SELECT id, (SELECT max(revision) FROM appends WHERE stream = streams.id) AS head FROM streams WHERE name = ?',
    );
  }

  /** A transaction that may write has begun. */
  begun(): void {
    const version = this.version.get();
    if (version !== this.seenVersion || this.remembered.size >= REMEMBERED) this.remembered.clear();
    this.seenVersion = version;
  }

  /** A transaction was rolled back, or nobody knows whether it was. */
  undone(): void {
    this.remembered.clear();
  }

  of(stream: string): StreamHead | undefined {
    const known = this.remembered.get(stream);
    if (known) return known;
    const row = this.find.get(stream);
    return row && { id: row.id, head: row.head ?? NO_STREAM };
  }

  moved(stream: string, to: StreamHead): void {
    this.remembered.set(stream, to);
  }
}
