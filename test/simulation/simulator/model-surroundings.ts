import { Amount } from '#domain';
import {
  activeAt,
  debitParts,
  inBurnOrder,
  paysAt,
  periodsToCome,
  remainder,
  termsAt,
  type Moment,
  type World,
} from '../model/index.js';
import { DAY } from './catalog.js';
import { DEBITS_THERE, type Surroundings } from './surroundings.js';

/** What there is in an account as the model has it: the rules under test have no part in what they are asked. */
export function surroundingsIn(
  world: World,
  { catalog, now }: Pick<Moment, 'catalog' | 'now'>,
): Surroundings {
  const running = world.subscriptions.filter(({ endsAt }) => endsAt === null || endsAt > now);
  const active = running
    .filter((each) => activeAt(each, now))
    .map((each) => ({ id: each.id, plan: termsAt(each, now).plan }));
  const open = world.grants.filter((grant) => remainder(grant) + grant.held > 0n);
  const graces = Object.values(catalog.creditSystems).map(({ lateUsageGraceMs }) => lateUsageGraceMs);
  const ends = open.flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt]));
  const holds = world.holds.filter((hold) => hold.open);
  const debits = world.debits.flatMap(({ identity, ...debit }) => {
    const parts = debitParts({ identity, ...debit });
    const [source = '', id = ''] = JSON.parse(identity) as readonly string[];
    return parts.length > 0 ? [{ source, id, parts: parts.map((part) => Amount.ofUnits(part)) }] : [];
  });
  return {
    subscriptions: running.map(({ id }) => id),
    features: active.flatMap(({ plan }) =>
      plan.features
        .filter(({ prepaid }) => prepaid)
        .map(({ feature, creditSystem, creditCost }) => ({
          feature,
          creditSystem,
          creditCost: Amount.parse(creditCost),
        })),
    ),
    sellers: active.flatMap(({ id, plan }) =>
      plan.credits
        .filter(({ priced }) => priced?.topUp)
        .map(({ creditSystem }) => ({ subscriptionId: id, creditSystem })),
    ),
    grants: world.wallets.flatMap((wallet) =>
      inBurnOrder(world, open, wallet, now).map((grant) => ({
        creditSystem: wallet,
        grantId: grant.id,
        left: Amount.ofUnits(remainder(grant)),
        held: Amount.ofUnits(grant.held),
        pays: paysAt(grant, now),
      })),
    ),
    holds: holds.map(({ id, draws }) => ({
      holdId: id,
      held: Amount.sum(draws.map(({ amount }) => Amount.ofUnits(amount))),
    })),
    debits: debits.slice(-DEBITS_THERE),
    topUps: world.topUpRequests
      .filter(({ payment }) => payment === 'awaited')
      .map(({ id, wallet }) => ({ creditSystem: wallet, requestId: id })),
    instants: [
      ...ends,
      ...ends.flatMap((end) => graces.map((grace) => end + grace)),
      ...open.map(({ effectiveAt }) => effectiveAt),
      ...holds.map(({ timesOutAt }) => timesOutAt),
      ...running.flatMap((each) => [
        each.startsAt,
        each.endsAt ?? now,
        ...each.terms.map(({ from }) => from),
      ]),
      ...periodsToCome(world),
      ...(world.autoTopUps.length > 0 ? [Math.ceil((now + 1) / DAY) * DAY] : []),
    ],
  };
}
