import { findPlan, type AccountState, type Catalog } from '#domain';
import type { LiveCatalog } from '#journal';

/** The catalog with every plan version that the account is pinned to; reads on when this process lacks one. */
export async function catalogFor(state: AccountState, catalog: LiveCatalog): Promise<Catalog> {
  return knowsPlansOf(state, catalog.current) ? catalog.current : catalog.refresh();
}

function knowsPlansOf(state: AccountState, catalog: Catalog): boolean {
  return state.subscriptions.every(({ terms }) =>
    terms.every(({ plan }) => findPlan(catalog, plan.id, plan.version) !== undefined),
  );
}
