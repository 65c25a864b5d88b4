import { plusDuration } from './calendar.js';
import { untouched } from './grants.js';
import { available } from './low-limit.js';
import type { PlainCommand } from './plain.js';
import { seller } from './purchases.js';
import { named, purchasedIn } from './settlement.js';
import type { Refusal } from './subscriptions.js';
import {
  activeAt,
  addGrant,
  creditOf,
  termsAt,
  touch,
  type AutoTopUp,
  type Moment,
  type TopUpRequest,
  type World,
} from './world.js';
import { least, most, sum, units, type Units } from './units.js';

type Command<Type extends PlainCommand['type']> = Extract<PlainCommand, { readonly type: Type }>;

const MOST_FAILURES = 3;

/** Sets when a wallet asks for credits by itself. One that had stopped starts again; what was asked for stays so. */
export function configureAutoTopUp(
  world: World,
  command: Command<'ConfigureAutoTopUp'>,
  { catalog, now }: Moment,
): Refusal {
  const { creditSystem: wallet, subscriptionId, terms } = command;
  if (!(wallet in catalog.creditSystems)) return 'CREDIT_SYSTEM_UNKNOWN';
  const threshold = units(terms.threshold);
  const caps = [terms.dailyCap, terms.monthlyCap].flatMap((cap) => (cap === null ? [] : [units(cap)]));
  if (threshold < 0n || units(terms.target) <= threshold || caps.some((cap) => cap <= 0n))
    return 'COMMAND_MALFORMED';
  let subscription = world.autoTopUps.find((each) => each.wallet === wallet)?.subscription;
  // Switching off needs nobody who still sells the credits.
  const off = !terms.enabled && (subscriptionId ?? subscription) === subscription;
  if (!off || subscription === undefined) {
    const selling = seller(world, command, now);
    if (typeof selling === 'string') return selling;
    subscription = selling.id;
  }
  touch(world, wallet);
  change(world, { wallet, subscription, terms, stopped: false, failures: 0 });
  return undefined;
}

/** The payment went through, and what was asked for is there in one grant; or it failed, and nothing was asked for. */
export function reportTopUpPayment(
  world: World,
  command: Command<'ReportTopUpPayment'>,
  { now }: Moment,
): Refusal {
  const { creditSystem: wallet, requestId, outcome } = command;
  if (!world.known) return 'CUSTOMER_UNKNOWN';
  const request = world.topUpRequests.find((each) => each.id === requestId && each.wallet === wallet);
  const autoTopUp = world.autoTopUps.find((each) => each.wallet === wallet);
  if (request?.payment !== 'awaited' || !autoTopUp) return 'TOP_UP_UNKNOWN';
  if (outcome === 'failed') {
    const failures = autoTopUp.failures + 1;
    change(world, { ...autoTopUp, failures, stopped: autoTopUp.stopped || failures >= MOST_FAILURES });
    close(world, request, 'failed');
    return undefined;
  }
  if (!command.paymentReference) return 'COMMAND_MALFORMED';
  const { plan, subscription, quantity } = request;
  const credit = creditOf(plan, wallet);
  if (!credit?.priced) throw new Error(`plan ${plan.id} does not sell ${wallet}`);
  addGrant(world, {
    ...untouched,
    id: requestId,
    wallet,
    kind: 'topUp',
    source: 'purchased',
    subscription,
    priority: credit.priced.priority,
    effectiveAt: now,
    expiresAt: credit.expiresAfter === null ? null : plusDuration(now, credit.expiresAfter, plan.timeZone),
    features: null,
    grantedAt: now,
    granted: quantity,
  });
  purchasedIn(world, subscription, wallet);
  change(world, { ...autoTopUp, failures: 0 });
  close(world, request, 'made');
  return undefined;
}

/** Asks for what is missing wherever less is left than was agreed, one request at a time. True: something happened. */
export function askForTopUps(world: World, now: number): boolean {
  let happened = false;
  for (const autoTopUp of world.autoTopUps) {
    const { wallet, terms, stopped } = autoTopUp;
    if (!terms.enabled || stopped || awaited(world, wallet)) continue;
    const left = available(world, wallet, now);
    const room = roomAt(world, autoTopUp, now);
    if (left >= units(terms.threshold) || (room !== null && room <= 0n)) continue;
    const subscription = world.subscriptions.find(({ id }) => id === autoTopUp.subscription);
    const plan = subscription && activeAt(subscription, now) ? termsAt(subscription, now).plan : undefined;
    const credit = plan && creditOf(plan, wallet);
    if (!plan || !credit?.priced?.topUp) {
      change(world, { ...autoTopUp, stopped: true });
      happened = true;
      continue;
    }
    const fewest = units(credit.minQuantity ?? '0');
    let quantity = most(units(terms.target) - left, fewest);
    if (credit.maxQuantity !== null) quantity = least(quantity, units(credit.maxQuantity));
    if (room !== null) quantity = least(quantity, room);
    if (quantity < fewest) continue;
    const number = world.topUpRequests.filter((each) => each.wallet === wallet).length + 1;
    const request: TopUpRequest = {
      id: `auto-top-up/${named(wallet)}/${number}`,
      wallet,
      subscription: autoTopUp.subscription,
      plan,
      quantity,
      at: now,
      payment: 'awaited',
    };
    world.topUpRequests = [...world.topUpRequests, request];
    happened = true;
  }
  return happened;
}

/** The request of a wallet whose payment nobody has told of yet. */
export function awaited(world: World, wallet: string): TopUpRequest | undefined {
  return world.topUpRequests.find((each) => each.wallet === wallet && each.payment === 'awaited');
}

/** What was asked for on the day or in the month (UTC) of an instant; what nobody could pay was not. */
export function askedIn(world: World, wallet: string, unit: 'day' | 'month', at: number): Units {
  const start = (instant: number) => new Date(instant).toISOString().slice(0, unit === 'day' ? 10 : 7);
  return sum(
    world.topUpRequests
      .filter((each) => each.wallet === wallet && each.payment !== 'failed' && start(each.at) === start(at))
      .map(({ quantity }) => quantity),
  );
}

function roomAt(world: World, { wallet, terms }: AutoTopUp, at: number): Units | null {
  const rooms = (['day', 'month'] as const).flatMap((unit) => {
    const cap = unit === 'day' ? terms.dailyCap : terms.monthlyCap;
    return cap === null ? [] : [units(cap) - askedIn(world, wallet, unit, at)];
  });
  return rooms.length === 0 ? null : rooms.reduce(least);
}

function change(world: World, autoTopUp: AutoTopUp): void {
  world.autoTopUps = [...world.autoTopUps.filter(({ wallet }) => wallet !== autoTopUp.wallet), autoTopUp];
}

function close(world: World, { id }: TopUpRequest, payment: TopUpRequest['payment']): void {
  world.topUpRequests = world.topUpRequests.map((each) => (each.id === id ? { ...each, payment } : each));
}
