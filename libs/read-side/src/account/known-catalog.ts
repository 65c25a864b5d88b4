import { findCreditSystem, findPlan, type AccountState, type Catalog } from '#domain';
import type { LiveCatalog } from '#journal';

/** The catalog with everything that the account refers to; reads on when this process lacks some of it. */
export async function catalogFor(state: AccountState, catalog: LiveCatalog): Promise<Catalog> {
  return knowsAllOf(state, catalog.current) ? catalog.current : catalog.refresh();
}

function knowsAllOf(state: AccountState, catalog: Catalog): boolean {
  return (
    Object.keys(state.wallets).every((key) => findCreditSystem(catalog, key) !== undefined) &&
    state.subscriptions.every(({ terms }) =>
      terms.every(({ plan }) => findPlan(catalog, plan.id, plan.version) !== undefined),
    )
  );
}
