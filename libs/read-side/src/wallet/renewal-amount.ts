import { Amount, findPlan, type AccountState, type Catalog, type NextRenewal } from '#domain';

/** How many credits a renewal will grant: by the plan version that applies to its subscription at that moment. */
export function renewalAmount(
  state: AccountState,
  creditSystem: string,
  renewal: NextRenewal,
  catalog: Catalog,
): Amount {
  const subscription = state.subscriptions.find(({ id }) => id === renewal.subscriptionId);
  const ref = subscription?.terms.findLast(({ from }) => from <= renewal.at)?.plan;
  const plan = ref && findPlan(catalog, ref.id, ref.version);
  const credit = plan?.credits.find((candidate) => candidate.creditSystem === creditSystem);
  const amount =
    renewal.kind === 'allowance' ? credit?.included?.allowance : credit?.priced?.recurring?.quantity;
  return amount ?? Amount.zero;
}
