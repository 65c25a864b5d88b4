import type { Writer } from './writer.js';

export const FORMATS = ['table', 'ndjson', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** One column of a table or CSV file. */
export interface Column<T> {
  readonly title: string;
  /** Characters in the table; longer texts push the rest aside rather than being cut. */
  readonly width: number;
  readonly align?: 'left' | 'right';
  readonly text: (row: T) => string;
}

/** How rows become lines; each is written as it comes, so that the length of the whole does not matter. */
export interface RowWriter<T> {
  begin(): Promise<void>;
  row(row: T): Promise<void>;
}

/** @param json the whole row for NDJSON, which has more to say than the columns */
export function rowWriter<T>(
  format: Format,
  columns: readonly Column<T>[],
  json: (row: T) => string,
  out: Writer,
): RowWriter<T> {
  switch (format) {
    case 'ndjson':
      return { begin: () => Promise.resolve(), row: (row) => out(`${json(row)}\n`) };
    case 'csv':
      return {
        begin: () => out(`${columns.map(({ title }) => csv(title)).join(',')}\n`),
        row: (row) => out(`${columns.map(({ text }) => csv(text(row))).join(',')}\n`),
      };
    case 'table':
      return {
        begin: () => out(`${line(columns, ({ title }) => title)}\n`),
        row: (row) => out(`${line(columns, ({ text }) => printable(text(row)))}\n`),
      };
  }
}

/** RFC 4180; a text that a spreadsheet would take for a formula is marked as text. */
function csv(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function line<T>(columns: readonly Column<T>[], text: (column: Column<T>) => string): string {
  return columns
    .map((column) => {
      const cell = text(column);
      return column.align === 'right' ? cell.padStart(column.width) : cell.padEnd(column.width);
    })
    .join('  ')
    .trimEnd();
}

/** What came from outside must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');
}
