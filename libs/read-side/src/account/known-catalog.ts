import type { AccountState, Catalog } from '#domain';
import { knowsTermsOf, type LiveCatalog } from '#journal';

/** What can change about a thing already known, its grace for late usage and its labels, is seen this soon. */
const MAX_AGE_MS = 3_000;

/** The catalog with everything that the account refers to; reads on when this process lacks some of it. */
export async function catalogFor(state: AccountState, catalog: LiveCatalog): Promise<Catalog> {
  const current = catalog.currentWithin(MAX_AGE_MS);
  return knowsTermsOf(current, state) ? current : catalog.refresh();
}
