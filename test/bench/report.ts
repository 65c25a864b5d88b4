import { cpus, loadavg, totalmem } from 'node:os';
import type { BenchResult, Measurement } from './measurement.js';

/** What the numbers were measured on; without it they mean nothing. */
export interface Machine {
  readonly cpus: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly node: string;
  /** Average of the last minute before the run: work of others takes from every number. */
  readonly loadBefore: number;
}

export function thisMachine(): Machine {
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
  };
}

const HEADINGS = ['measured', 'value', 'ceiling', 'share', 'aim'] as const;

/** The results as a table for people. */
export function table(results: readonly BenchResult[]): string {
  const rows = results.flatMap(({ name, title, seconds, measurements }) => [
    [`${name}: ${title} (${seconds.toFixed(0)} s)`],
    ...measurements.map(row),
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(
      heading.length,
      ...rows.filter(({ length }) => length > 1).map((cells) => cells[column]?.length ?? 0),
    ),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [
    line(HEADINGS),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map((cells) => (cells.length === 1 ? (cells[0] ?? '') : line(cells))),
  ].join('\n');
}

function row({ what, unit, value, ceiling, aim = '' }: Measurement): string[] {
  return [
    `  ${what}`,
    `${figure(value)} ${unit}`,
    ceiling ? `${figure(ceiling.value)} (${ceiling.what})` : '',
    ceiling ? `${Math.round((value / ceiling.value) * 100)} %` : '',
    aim,
  ];
}

function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-GB');
  return value.toFixed(value >= 10 ? 1 : 2);
}
