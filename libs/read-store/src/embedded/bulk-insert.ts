import type { Database, Statement } from 'better-sqlite3';

export type Value = string | number | bigint | Uint8Array | null;

/** Inserts any number of rows with few statements: rows wait here until there are enough of them. */
export interface BulkInsert {
  /** The values of one row, in the order of the columns. */
  add(...row: readonly Value[]): void;
  /** Inserts what still waits. */
  flush(): void;
  /** Forgets what still waits: its transaction has failed. */
  discard(): void;
}

/** Rows per statement: most of what a multi-row statement saves is saved by then. */
const ROWS_PER_STATEMENT = 32;

/**
 * A row that is refused fails its whole transaction, hence `OR FAIL`: for a statement that had to be undone by itself
 * SQLite would write every page aside before it is changed, a third of all bytes written.
 * @param into `t (a, b)`, with what to do on conflict in `onConflict`
 */
export function bulkInsert(db: Database, into: string, columns: number, onConflict = ''): BulkInsert {
  const one = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
  const prepare = (rows: number): Statement<[readonly Value[]]> =>
    db.prepare<[readonly Value[]]>(
      `INSERT OR FAIL INTO ${into} VALUES ${Array.from({ length: rows }, () => one).join(', ')} ${onConflict}`,
    );
  const many = prepare(ROWS_PER_STATEMENT);
  const single = prepare(1);
  // One array for all statements: a batch has tens of thousands of values.
  const waiting: Value[] = Array.from({ length: ROWS_PER_STATEMENT * columns }, () => null);
  let filled = 0;
  return {
    add(...row) {
      for (const value of row) waiting[filled++] = value;
      if (filled < waiting.length) return;
      many.run(waiting);
      filled = 0;
    },
    flush() {
      for (let from = 0; from < filled; from += columns) single.run(waiting.slice(from, from + columns));
      filled = 0;
    },
    discard() {
      filled = 0;
    },
  };
}
