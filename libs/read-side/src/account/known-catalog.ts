import { findCreditSystem, findPlan, type AccountState, type Catalog } from '#domain';
import type { LiveCatalog } from '#journal';

/** What can change about a thing already known, its grace for late usage and its labels, is seen this soon. */
const MAX_AGE_MS = 3_000;

/** The catalog with everything that the account refers to; reads on when this process lacks some of it. */
export async function catalogFor(state: AccountState, catalog: LiveCatalog): Promise<Catalog> {
  const current = catalog.currentWithin(MAX_AGE_MS);
  return knowsAllOf(state, current) ? current : catalog.refresh();
}

function knowsAllOf(state: AccountState, catalog: Catalog): boolean {
  return (
    Object.keys(state.wallets).every((key) => findCreditSystem(catalog, key) !== undefined) &&
    state.subscriptions.every(({ terms }) =>
      terms.every(({ plan }) => findPlan(catalog, plan.id, plan.version) !== undefined),
    )
  );
}
