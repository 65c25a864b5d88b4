import type { Instant } from '../../time/index.js';
import type {
  CreditsGranted,
  Grant,
  RecurringGrant,
  SubscriptionCancelled,
  SubscriptionChanged,
  SubscriptionStarted,
} from '../events.js';
import type { AccountState, Schedule, Subscription, SubscriptionTerms, Wallet } from '../state.js';
import { compareBurnOrder } from '../wallet/burn-order.js';
import { endedEarly } from '../wallet/ended-early.js';

export function started(state: AccountState, event: SubscriptionStarted): AccountState {
  const terms: SubscriptionTerms = {
    number: 0,
    from: event.startsAt,
    plan: event.plan,
    anchor: event.startsAt,
    ...limitsOf(event),
  };
  const subscription: Subscription = {
    id: event.subscriptionId,
    startsAt: event.startsAt,
    endsAt: null,
    terms: [terms],
    schedules: schedulesFrom(event.recurring, event.startsAt),
    purchasedIn: [],
  };
  // In the order in which they price usage: the first that started first.
  const subscriptions = [...state.subscriptions, subscription].sort(
    (a, b) => compare(a.startsAt, b.startsAt) || compare(a.id, b.id),
  );
  return { ...state, subscriptions };
}

export function changed(state: AccountState, event: SubscriptionChanged): AccountState {
  const { effectiveAt } = event;
  return withSubscription(withEndedGrants(state, event), event.subscriptionId, (subscription) => {
    const terms: SubscriptionTerms = {
      number: 1 + Math.max(...subscription.terms.map((former) => former.number)),
      from: effectiveAt,
      plan: event.to,
      anchor: event.anchor,
      ...limitsOf(event),
    };
    return {
      ...subscription,
      // A change replaces one that was still waiting.
      terms: [...subscription.terms.filter((former) => former.from < effectiveAt), terms],
      schedules: [
        ...subscription.schedules.filter((schedule) => schedule.nextAt < effectiveAt),
        ...schedulesFrom(event.recurring, event.anchor),
      ],
    };
  });
}

export function cancelled(state: AccountState, event: SubscriptionCancelled): AccountState {
  return withSubscription(withEndedGrants(state, event), event.subscriptionId, (subscription) => ({
    ...subscription,
    endsAt: event.endsAt,
    schedules: subscription.schedules.filter((schedule) => schedule.nextAt < event.endsAt),
  }));
}

/** What a grant means to the subscription it belongs to: its next period, or that credits were purchased. */
export function grantRenewed(state: AccountState, event: CreditsGranted): AccountState {
  const { origin, creditSystem } = event;
  switch (origin.kind) {
    case 'allowance':
      return withSubscription(state, origin.subscriptionId, (subscription) => renewed(subscription, event));
    case 'pack':
      return withSubscription(state, origin.subscriptionId, (subscription) =>
        purchased(renewed(subscription, event), creditSystem),
      );
    case 'topUp':
      return withSubscription(state, origin.subscriptionId, (subscription) =>
        purchased(subscription, creditSystem),
      );
    case 'promotion':
    case 'rollover':
      return state;
  }
}

function renewed(subscription: Subscription, { creditSystem, origin }: CreditsGranted): Subscription {
  if (origin.kind !== 'allowance' && origin.kind !== 'pack') return subscription;
  const { period, kind } = origin;
  const schedules = subscription.schedules.flatMap((schedule): Schedule[] => {
    const due =
      schedule.creditSystem === creditSystem &&
      schedule.kind === kind &&
      schedule.nextIndex === period.index &&
      schedule.nextAt === period.start;
    if (!due) return [schedule];
    const next = { ...schedule, nextIndex: period.index + 1, nextAt: period.end };
    return isOver(subscription, period.start, period.end) ? [] : [next];
  });
  return { ...subscription, schedules };
}

/** Whether the terms under which a period started no longer apply at its end. */
function isOver({ terms, endsAt }: Subscription, start: Instant, end: Instant): boolean {
  return (endsAt !== null && end >= endsAt) || terms.some(({ from }) => from > start && from <= end);
}

function purchased(subscription: Subscription, creditSystem: string): Subscription {
  return subscription.purchasedIn.includes(creditSystem)
    ? subscription
    : { ...subscription, purchasedIn: [...subscription.purchasedIn, creditSystem] };
}

function schedulesFrom(recurring: readonly RecurringGrant[], anchor: Instant): readonly Schedule[] {
  return recurring.map(({ creditSystem, kind }) => ({ creditSystem, kind, nextIndex: 0, nextAt: anchor }));
}

function limitsOf({
  lowCreditLimits,
}: SubscriptionStarted | SubscriptionChanged): Pick<SubscriptionTerms, 'lowCreditLimits'> {
  return lowCreditLimits === undefined ? {} : { lowCreditLimits };
}

function withSubscription(
  state: AccountState,
  id: string,
  change: (subscription: Subscription) => Subscription,
): AccountState {
  if (!state.subscriptions.some((subscription) => subscription.id === id))
    throw new Error(`the account has no subscription ${id}`);
  return {
    ...state,
    subscriptions: state.subscriptions.map((subscription) =>
      subscription.id === id ? change(subscription) : subscription,
    ),
  };
}

function withEndedGrants(
  state: AccountState,
  { endedGrants, occurredAt }: SubscriptionChanged | SubscriptionCancelled,
): AccountState {
  if (endedGrants.length === 0) return state;
  const ends = new Map(
    endedGrants.map((end) => [JSON.stringify([end.creditSystem, end.grantId]), end.expiresAt]),
  );
  const end = (grant: Grant, creditSystem: string): Grant => {
    const expiresAt = ends.get(JSON.stringify([creditSystem, grant.grantId]));
    return expiresAt === undefined ? grant : endedEarly(grant, expiresAt, occurredAt);
  };
  const wallets = Object.values(state.wallets).map((wallet): [string, Wallet] => [
    wallet.creditSystem,
    {
      ...wallet,
      grants: wallet.grants.map((grant) => end(grant, wallet.creditSystem)).sort(compareBurnOrder),
    },
  ]);
  return { ...state, wallets: Object.fromEntries(wallets) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
