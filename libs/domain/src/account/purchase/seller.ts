import type { Plan, PlanCredit } from '../../catalog/index.js';
import type { PriceSchedule } from '../../rating/index.js';
import { isRejection, rejection, type Rejection } from '../../rejection.js';
import type { Deciding } from '../deciding.js';
import { customerUnknown, malformed } from '../refusals.js';
import type { Subscription } from '../state.js';
import { runningSubscription } from '../subscription/open-subscription.js';
import { activeAt, creditOf, isActiveAt, planOf, termsAt } from '../subscription/terms.js';

/** The subscription under which credits are bought, and its plan's terms of sale. */
export interface Seller {
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly credit: PlanCredit;
  readonly topUp: PriceSchedule;
}

/**
 * Who sells a credit system to the customer now: the subscription that is named, or else the only active one
 * whose plan has a top-up price for it.
 */
export function sellerOf(
  creditSystem: string,
  subscriptionId: string | undefined,
  deciding: Deciding,
): Seller | Rejection {
  const { state, now } = deciding;
  if (!state.exists) return customerUnknown();
  if (subscriptionId !== undefined) {
    const subscription = runningSubscription(state, subscriptionId, now);
    if (isRejection(subscription)) return subscription;
    if (!isActiveAt(subscription, now))
      return rejection(
        'NO_SUBSCRIPTION',
        `subscription ${subscriptionId} starts at ${subscription.startsAt}`,
      );
    return sellerUnder(subscription, creditSystem, deciding) ?? notForSale(creditSystem);
  }
  const active = activeAt(state, now);
  if (active.length === 0) return rejection('NO_SUBSCRIPTION', `no subscription is active at ${now}`);
  const sellers = active.flatMap((each) => sellerUnder(each, creditSystem, deciding) ?? []);
  const [seller] = sellers;
  if (seller === undefined) return notForSale(creditSystem);
  if (sellers.length === 1) return seller;
  const ids = sellers.map(({ subscription }) => subscription.id).join(', ');
  const message = `several subscriptions sell ${creditSystem}, name one: ${ids}`;
  return malformed('purchase', [{ path: 'subscriptionId', message }]);
}

function sellerUnder(
  subscription: Subscription,
  creditSystem: string,
  { now, context }: Deciding,
): Seller | undefined {
  const plan = planOf(context.catalog, termsAt(subscription, now).plan);
  const credit = creditOf(plan, creditSystem);
  const topUp = credit?.priced?.topUp;
  return credit && topUp ? { subscription, plan, credit, topUp } : undefined;
}

function notForSale(creditSystem: string): Rejection {
  return rejection('NOT_FOR_SALE', `no plan of the customer has a top-up price for ${creditSystem}`);
}
