import type { RejectionReason } from '#domain';
import { boundary } from './calendar.js';
import type { PlainCatalog, PlainCommand, PlainPlan } from './plain.js';
import { changeGrant, remainder, type Grant, type Moment, type Subscription, type World } from './world.js';
import { units } from './units.js';

type Command<Type extends PlainCommand['type']> = Extract<PlainCommand, { readonly type: Type }>;

/** Why a command is refused; undefined: it is not, and has been carried out. */
export type Refusal = RejectionReason | undefined;

export function startSubscription(
  world: World,
  command: Command<'StartSubscription'>,
  { catalog, now }: Moment,
): Refusal {
  const { subscriptionId: id } = command;
  if (world.subscriptions.some((each) => each.id === id)) return 'SUBSCRIPTION_EXISTS';
  const plan = published(catalog, command.planId, command.planVersion);
  if (!plan) return 'PLAN_UNKNOWN';
  const startsAt = command.startsAt === undefined ? now : Date.parse(command.startsAt);
  const terms = [{ number: 0, from: startsAt, plan }];
  // Usage is priced by the subscription that started first.
  world.subscriptions = [...world.subscriptions, { id, startsAt, endsAt: null, terms, purchasedIn: [] }].sort(
    (a, b) => a.startsAt - b.startsAt || (a.id < b.id ? -1 : 1),
  );
  return undefined;
}

export function changeSubscription(
  world: World,
  command: Command<'ChangeSubscription'>,
  { catalog, now }: Moment,
): Refusal {
  const subscription = running(world, command.subscriptionId, now);
  if (typeof subscription === 'string') return subscription;
  if (subscription.endsAt !== null) return 'SUBSCRIPTION_CANCELLED';
  const plan = published(catalog, command.planId, command.planVersion);
  if (!plan) return 'PLAN_UNKNOWN';
  const from = command.when === 'now' ? Math.max(now, subscription.startsAt) : periodEnd(subscription, now);
  const number = 1 + Math.max(...subscription.terms.map((terms) => terms.number));
  // A change that was still waiting is replaced; the old allowance ends, what rolled over before lives on.
  const terms = [...subscription.terms.filter((former) => former.from < from), { number, from, plan }];
  replace(world, { ...subscription, terms });
  for (const grant of world.grants) {
    if (grant.subscription !== subscription.id || grant.kind !== 'allowance') continue;
    if (grant.expiresAt === null || grant.expiresAt > from) endEarly(world, grant, from, now);
  }
  return undefined;
}

export function cancelSubscription(
  world: World,
  command: Command<'CancelSubscription'>,
  { now }: Moment,
): Refusal {
  const subscription = running(world, command.subscriptionId, now);
  if (typeof subscription === 'string') return subscription;
  if (subscription.endsAt !== null && command.when === 'periodEnd') return 'SUBSCRIPTION_CANCELLED';
  const endsAt = command.when === 'now' ? now : periodEnd(subscription, now);
  replace(world, { ...subscription, endsAt });
  // Nothing included outlives the subscription, and nothing rolls over at its end.
  for (const grant of world.grants) {
    if (grant.subscription !== subscription.id || grant.source !== 'included') continue;
    const ends = grant.expiresAt === null || grant.expiresAt > endsAt;
    if (ends || (grant.rollover !== null && grant.expiresAt === endsAt)) endEarly(world, grant, endsAt, now);
  }
  return undefined;
}

/** The subscription, if it was started and has not ended. */
export function running(world: World, id: string, now: number): Subscription | RejectionReason {
  if (!world.known) return 'CUSTOMER_UNKNOWN';
  const subscription = world.subscriptions.find((each) => each.id === id);
  if (!subscription) return 'SUBSCRIPTION_UNKNOWN';
  return subscription.endsAt !== null && subscription.endsAt <= now ? 'SUBSCRIPTION_CANCELLED' : subscription;
}

function published(catalog: PlainCatalog, id: string, version: number | undefined): PlainPlan | undefined {
  const versions = catalog.plans[id] ?? [];
  return version === undefined ? versions.at(-1) : versions[version - 1];
}

function replace(world: World, subscription: Subscription): void {
  world.subscriptions = world.subscriptions.map((each) =>
    each.id === subscription.id ? subscription : each,
  );
}

function endEarly(world: World, grant: Grant, at: number, now: number): void {
  const until = remainder(grant) + grant.held > 0n ? now : Infinity;
  changeGrant(world, grant.id, ({ plannedEnds, expiresAt }) => ({
    plannedEnds: [...plannedEnds, { until, end: expiresAt }],
    expiresAt: at,
    rollover: null,
  }));
}

/**
 * The end of the present period: of a plan's several intervals the one that ends last, or the start of what is
 * waiting already (a subscription in the future, a change). Without any interval: now.
 */
function periodEnd(subscription: Subscription, now: number): number {
  const { startsAt, endsAt, terms } = subscription;
  const candidates = [now, startsAt];
  for (const [index, { from, plan }] of terms.entries()) {
    candidates.push(from);
    const end = Math.min(terms[index + 1]?.from ?? Infinity, endsAt ?? Infinity);
    for (const { included, priced } of plan.credits) {
      const intervals = [
        included && units(included.allowance) > 0n ? included.resetInterval : undefined,
        priced?.recurring?.billingInterval,
      ];
      for (const interval of intervals) {
        if (!interval) continue;
        let next = 0;
        while (boundary(from, interval, plan.timeZone, next) <= now) next += 1;
        const at = boundary(from, interval, plan.timeZone, next);
        if (at < end) candidates.push(at);
      }
    }
  }
  return Math.max(...candidates);
}
