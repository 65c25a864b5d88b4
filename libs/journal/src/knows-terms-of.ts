import { findCreditSystem, findPlan, type AccountState, type Catalog } from '#domain';

/** Whether a catalog has everything that an account refers to: another process may have defined some of it a moment ago. */
export function knowsTermsOf(catalog: Catalog, { wallets, subscriptions }: AccountState): boolean {
  return (
    Object.keys(wallets).every((key) => findCreditSystem(catalog, key) !== undefined) &&
    subscriptions.every(({ terms }) =>
      terms.every(({ plan }) => findPlan(catalog, plan.id, plan.version) !== undefined),
    )
  );
}
