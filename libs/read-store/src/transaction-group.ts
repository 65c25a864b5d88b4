import type { CreditSource } from '#domain';
import type { TransactionRow, TransactionType } from '#projections';
import type { TransactionFilter } from './port.js';

/**
 * What a customer's history is filtered by. There are few different groups in a ledger and fewer in an account, so
 * each has a small number, and one index (account, group, revision) answers every combination of these filters,
 * however rare what they ask for is among an account's millions of transactions.
 */
export interface TransactionGroup {
  readonly creditSystem: string;
  readonly type: TransactionType;
  readonly touched: readonly CreditSource[];
  readonly feature: string | null;
}

const SOURCES = ['included', 'purchased', 'promotional'] as const satisfies readonly CreditSource[];

/** One bit per source, as it is stored. */
export function sourceMask(touched: readonly CreditSource[]): number {
  let mask = 0;
  for (const source of touched) mask |= 1 << SOURCES.indexOf(source);
  return mask;
}

const SOURCES_OF_MASK: readonly (readonly CreditSource[])[] = Array.from({ length: 8 }, (_, mask) =>
  SOURCES.filter((_source, bit) => mask & (1 << bit)),
);

export function sourcesOf(mask: number): readonly CreditSource[] {
  const sources = SOURCES_OF_MASK[mask];
  if (!sources) throw new RangeError(`no such set of credit sources: ${mask}`);
  return sources;
}

/** The same text for the same group, and for no other. */
export function groupKey(row: TransactionGroup | TransactionRow): string {
  const { creditSystem, feature } = row;
  const key = `${sourceMask(row.touched)} ${row.type} ${creditSystem.length} ${creditSystem}`;
  return feature === null ? key : `${key} ${feature}`;
}

/** Whether the filter asks for some groups only, whatever it says about time. */
export function filtersGroups(filter: TransactionFilter): boolean {
  return (
    filter.creditSystem !== undefined ||
    filter.source !== undefined ||
    filter.feature !== undefined ||
    (filter.types?.length ?? 0) > 0
  );
}

export function groupMatches(filter: TransactionFilter, group: TransactionGroup): boolean {
  if (filter.creditSystem !== undefined && group.creditSystem !== filter.creditSystem) return false;
  if (filter.feature !== undefined && group.feature !== filter.feature) return false;
  if (filter.source !== undefined && !group.touched.includes(filter.source)) return false;
  if (filter.types !== undefined && filter.types.length > 0 && !filter.types.includes(group.type))
    return false;
  return true;
}
