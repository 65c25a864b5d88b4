import {
  Amount,
  findPlan,
  isUsableAt,
  type AccountEvent,
  type AccountState,
  type Catalog,
  type Instant,
} from '#domain';
import { DEBITS_THERE, type DebitThere, type Surroundings } from './surroundings.js';

/** What there is in an account of the ledger, folded from its stream. */
export function surroundingsOf(
  { subscriptions, wallets }: AccountState,
  events: readonly AccountEvent[],
  catalog: Catalog,
  now: Instant,
): Surroundings {
  const running = subscriptions.filter(({ endsAt }) => endsAt === null || endsAt > now);
  const active = running.flatMap(({ id, startsAt, terms }) => {
    const ref = terms.findLast(({ from }) => from <= now)?.plan;
    const plan = ref && findPlan(catalog, ref.id, ref.version);
    return plan && startsAt <= now ? [{ id, plan }] : [];
  });
  const walletsThere = Object.values(wallets);
  const grants = walletsThere.flatMap((wallet) =>
    wallet.grants.map((grant) => ({ creditSystem: wallet.creditSystem, ...grant })),
  );
  const holds = walletsThere.flatMap((wallet) => wallet.holds);
  const instants = [
    ...grants.flatMap(({ effectiveAt, expiresAt }) => [effectiveAt, expiresAt]),
    ...holds.map(({ timesOutAt }) => timesOutAt),
    ...running.flatMap(({ startsAt, endsAt, terms, schedules }) => [
      startsAt,
      endsAt,
      ...terms.map(({ from }) => from),
      ...schedules.map(({ nextAt }) => nextAt),
    ]),
  ];
  return {
    subscriptions: running.map(({ id }) => id),
    features: active.flatMap(({ plan }) => plan.features.filter(({ prepaid }) => prepaid)),
    sellers: active.flatMap(({ id, plan }) =>
      plan.credits
        .filter(({ priced }) => priced?.topUp)
        .map(({ creditSystem }) => ({ subscriptionId: id, creditSystem })),
    ),
    grants: grants.map((grant) => ({
      creditSystem: grant.creditSystem,
      grantId: grant.grantId,
      left: grant.available,
      held: grant.held,
      pays: grant.features === null && isUsableAt(grant, now),
    })),
    holds: holds.map(({ id, draws }) => ({
      holdId: id,
      held: Amount.sum(draws.map(({ amount }) => amount)),
    })),
    debits: debitsIn(events).slice(-DEBITS_THERE),
    topUps: walletsThere.flatMap(({ creditSystem, autoTopUp }) =>
      autoTopUp?.inFlight ? [{ creditSystem, requestId: autoTopUp.inFlight.requestId }] : [],
    ),
    instants: instants.flatMap((at) => (at === null ? [] : [Date.parse(at)])),
  };
}

/** Usage of which no reversal is known. */
function debitsIn(events: readonly AccountEvent[]): readonly DebitThere[] {
  const debits = new Map<string, DebitThere>();
  const keyOf = (source: string, id: string) => JSON.stringify([source, id]);
  for (const event of events) {
    if (event.type === 'DebitReversed') {
      const key = keyOf(event.usage.source, event.usage.id);
      const debit = debits.get(key);
      const left = debit && Amount.sum(debit.parts).minus(event.amount);
      if (debit && left?.isPositive) debits.set(key, { ...debit, parts: [left] });
      else debits.delete(key);
    }
    if ((event.type !== 'CreditsDebited' && event.type !== 'UsageUncovered') || event.cause.kind !== 'usage')
      continue;
    const { source, id } = event.cause;
    const draws = event.type === 'CreditsDebited' ? event.draws.map(({ amount }) => amount).reverse() : [];
    const parts = debits.get(keyOf(source, id))?.parts ?? [event.uncovered, ...draws];
    debits.set(keyOf(source, id), { source, id, parts: parts.filter(({ isPositive }) => isPositive) });
  }
  return [...debits.values()].filter(({ parts }) => parts.length > 0);
}
