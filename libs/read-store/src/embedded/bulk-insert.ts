import type { Database, Statement } from 'better-sqlite3';

export type Value = string | number | bigint | Uint8Array | null;

/** Rows per statement: most of what a multi-row statement saves is saved by then. */
const ROWS_PER_STATEMENT = 32;

/**
 * Inserts any number of rows with few statements.
 * @param into `INTO t (a, b)`, with what to do on conflict in `onConflict`
 */
export function bulkInsert(
  db: Database,
  into: string,
  columns: number,
  onConflict = '',
): (rows: readonly (readonly Value[])[]) => void {
  const one = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
  const prepare = (rows: number): Statement<Value[]> =>
    db.prepare<Value[]>(
      `INSERT ${into} VALUES ${Array.from({ length: rows }, () => one).join(', ')} ${onConflict}`,
    );
  const many = prepare(ROWS_PER_STATEMENT);
  const single = prepare(1);
  return (rows) => {
    let at = 0;
    for (; at + ROWS_PER_STATEMENT <= rows.length; at += ROWS_PER_STATEMENT) {
      many.run(...rows.slice(at, at + ROWS_PER_STATEMENT).flat());
    }
    for (const row of rows.slice(at)) single.run(...row);
  };
}
