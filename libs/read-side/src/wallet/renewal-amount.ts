import {
  Amount,
  findPlan,
  type AccountState,
  type Catalog,
  type NextRenewal,
  type PlanCredit,
  type Schedule,
} from '#domain';

/**
 * How many credits a renewal will grant: by the plan version that applies to its subscription at that moment, and
 * allowance and pack together where both fall due then.
 */
export function renewalAmount(
  state: AccountState,
  creditSystem: string,
  { subscriptionId, at }: NextRenewal,
  catalog: Catalog,
): Amount {
  const subscription = state.subscriptions.find(({ id }) => id === subscriptionId);
  const ref = subscription?.terms.findLast(({ from }) => from <= at)?.plan;
  const plan = ref && findPlan(catalog, ref.id, ref.version);
  const credit = plan?.credits.find((candidate) => candidate.creditSystem === creditSystem);
  const due = subscription?.schedules.filter(
    (schedule) => schedule.creditSystem === creditSystem && schedule.nextAt === at,
  );
  return Amount.sum((due ?? []).map(({ kind }) => amountOf(kind, credit)));
}

function amountOf(kind: Schedule['kind'], credit: PlanCredit | undefined): Amount {
  const amount = kind === 'allowance' ? credit?.included?.allowance : credit?.priced?.recurring?.quantity;
  return amount ?? Amount.zero;
}
