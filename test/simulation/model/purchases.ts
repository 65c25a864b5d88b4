import type { RejectionReason } from '#domain';
import { plusDuration } from './calendar.js';
import { untouched } from './grants.js';
import type { PlainCommand } from './plain.js';
import { named, purchasedIn } from './settlement.js';
import { running, type Refusal } from './subscriptions.js';
import {
  activeAt,
  addGrant,
  creditOf,
  termsAt,
  type Moment,
  type Subscription,
  type World,
} from './world.js';
import { units } from './units.js';

type PurchaseCredits = Extract<PlainCommand, { readonly type: 'PurchaseCredits' }>;

/** Credits bought once, under the terms of the subscription that sells them. What they cost is no matter here. */
export function purchaseCredits(world: World, command: PurchaseCredits, { catalog, now }: Moment): Refusal {
  const { creditSystem: wallet } = command;
  const quantity = units(command.quantity);
  if (!(wallet in catalog.creditSystems)) return 'CREDIT_SYSTEM_UNKNOWN';
  if (quantity <= 0n) return 'COMMAND_MALFORMED';
  const subscription = seller(world, command, now);
  if (typeof subscription === 'string') return subscription;
  const { plan } = termsAt(subscription, now);
  const credit = creditOf(plan, wallet);
  if (!credit?.priced) throw new Error(`plan ${plan.id} does not sell ${wallet}`);
  const { minQuantity, maxQuantity, expiresAfter, priced } = credit;
  const tooFew = minQuantity !== null && quantity < units(minQuantity);
  if (tooFew || (maxQuantity !== null && quantity > units(maxQuantity))) return 'QUANTITY_OUT_OF_RANGE';
  addGrant(world, {
    ...untouched,
    id: `purchase/${named(command.key)}`,
    wallet,
    kind: 'topUp',
    source: 'purchased',
    subscription: subscription.id,
    priority: priced.priority,
    effectiveAt: now,
    expiresAt: expiresAfter === null ? null : plusDuration(now, expiresAfter, plan.timeZone),
    features: null,
    grantedAt: now,
    granted: quantity,
  });
  purchasedIn(world, subscription.id, wallet);
  return undefined;
}

/** Who sells what a command is about: the subscription that it names, or else the only active one that does. */
export function seller(
  world: World,
  command: { readonly creditSystem: string; readonly subscriptionId?: string },
  now: number,
): Subscription | RejectionReason {
  if (!world.known) return 'CUSTOMER_UNKNOWN';
  const sells = (each: Subscription) =>
    (creditOf(termsAt(each, now).plan, command.creditSystem)?.priced?.topUp ?? null) !== null;
  if (command.subscriptionId !== undefined) {
    const subscription = running(world, command.subscriptionId, now);
    if (typeof subscription === 'string') return subscription;
    if (!activeAt(subscription, now)) return 'NO_SUBSCRIPTION';
    return sells(subscription) ? subscription : 'NOT_FOR_SALE';
  }
  const active = world.subscriptions.filter((each) => activeAt(each, now));
  if (active.length === 0) return 'NO_SUBSCRIPTION';
  const [first, second] = active.filter(sells);
  if (!first) return 'NOT_FOR_SALE';
  return second ? 'COMMAND_MALFORMED' : first;
}
