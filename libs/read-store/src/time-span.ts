import { toMs } from '#domain';
import type { TransactionRow } from '#projections';
import type { TransactionFilter } from './port.js';

/**
 * The earliest and latest moment at which the transactions of one stretch of an account's revisions happened.
 * History is paged by revision and filtered by time, and usage may arrive late, so neither order gives the other;
 * the spans tell which stretches need not be looked at. An account's first stretch has none (always looked at):
 * most accounts are small, and they shall cost nothing.
 */
export interface TimeSpan {
  /** Revisions from `stretch` × SPAN_LENGTH, SPAN_LENGTH of them. */
  readonly stretch: number;
  /** Milliseconds since 1970. */
  readonly earliest: number;
  readonly latest: number;
}

export const SPAN_LENGTH = 1024;

/** The spans of rows of one account. */
export function spansOf(rows: readonly TransactionRow[]): readonly TimeSpan[] {
  const spans = new Map<number, TimeSpan>();
  for (const row of rows) {
    const stretch = Math.floor(row.revision / SPAN_LENGTH);
    if (stretch === 0) continue;
    const at = toMs(row.occurredAt);
    const span = spans.get(stretch);
    if (!span) spans.set(stretch, { stretch, earliest: at, latest: at });
    else if (at < span.earliest) spans.set(stretch, { ...span, earliest: at });
    else if (at > span.latest) spans.set(stretch, { ...span, latest: at });
  }
  return [...spans.values()];
}

/** Both inclusive, in milliseconds. */
export interface TimeRange {
  readonly first: number;
  readonly last: number;
}

const FIRST_MS = -62_135_596_800_000;
const LAST_MS = 253_402_300_799_999;

/** Every instant where the filter names none. */
export function timeRangeOf(filter: TransactionFilter): TimeRange {
  return {
    first: filter.from === undefined ? FIRST_MS : toMs(filter.from),
    last: filter.to === undefined ? LAST_MS : toMs(filter.to) - 1,
  };
}

export function filtersTime(filter: TransactionFilter): boolean {
  return filter.from !== undefined || filter.to !== undefined;
}

/** Revisions from `from` (inclusive) to `before` (exclusive). */
export interface RevisionRange {
  readonly from: number;
  readonly before: number;
}

/**
 * The revisions below `before` that have to be looked at, newest first, neighbours joined.
 * @param stretches those with a span that overlaps the time asked for, in any order
 */
export function revisionRanges(stretches: readonly number[], before: number): readonly RevisionRange[] {
  const ranges: RevisionRange[] = [];
  for (const stretch of [...stretches, 0].sort((a, b) => b - a)) {
    const range = { from: stretch * SPAN_LENGTH, before: Math.min((stretch + 1) * SPAN_LENGTH, before) };
    if (range.from >= range.before) continue;
    const newer = ranges.at(-1);
    if (newer?.from === range.before) ranges[ranges.length - 1] = { ...newer, from: range.from };
    else ranges.push(range);
  }
  return ranges;
}
