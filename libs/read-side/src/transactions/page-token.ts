import { fingerprintOf } from '#contracts';
import type { TransactionFilter } from '#read-store';

/**
 * Where a list of transactions goes on. Opaque to clients, and bound to the filter that it was given out for: with
 * another filter it would silently skip what that one never listed.
 */
export function pageTokenOf(filter: TransactionFilter, before: number): string {
  return Buffer.from(`${before}.${filterMark(filter)}`, 'latin1').toString('base64url');
}

/** The revision to go on below; undefined for a token that was not given out for this filter. */
export function readPageToken(filter: TransactionFilter, token: string): number | undefined {
  const match = /^(\d{1,16})\.([0-9a-f]{16})$/.exec(Buffer.from(token, 'base64url').toString('latin1'));
  if (match?.[2] !== filterMark(filter)) return undefined;
  const before = Number(match[1]);
  return Number.isSafeInteger(before) ? before : undefined;
}

function filterMark({
  customerId,
  creditSystem,
  source,
  types,
  feature,
  from,
  to,
}: TransactionFilter): string {
  return fingerprintOf({
    customerId,
    creditSystem,
    source,
    types: types && types.length > 0 ? [...new Set(types)].sort() : undefined,
    feature,
    from,
    to,
  }).slice(0, 16);
}
