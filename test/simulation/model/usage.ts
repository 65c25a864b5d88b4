import { draw, type Claim } from './burn.js';
import {
  changeGrant,
  creditOf,
  horizon,
  systemOf,
  termsAt,
  touch,
  type Draw,
  type Moment,
  type World,
} from './world.js';
import { available, limitAt } from './low-limit.js';
import type { PlainCommand, PlainPlan } from './plain.js';
import type { Refusal } from './subscriptions.js';
import { debitOf, sum, units } from './units.js';

type RecordUsage = Extract<PlainCommand, { readonly type: 'RecordUsage' }>;

const MAX_FUTURE_MS = 300_000;

export interface Price {
  readonly subscription: string;
  readonly wallet: string;
  readonly credit: PlainPlan['credits'][number];
  readonly cost: bigint;
  /** Where the usage burns. */
  readonly at: number;
}

/** `free`: no plan has the feature paid with credits. */
export function recordUsage(world: World, command: RecordUsage, moment: Moment): Refusal | 'free' {
  const { now, catalog } = moment;
  const { mode, feature } = command;
  const happened = Date.parse(command.time);
  if (happened > now + MAX_FUTURE_MS) return 'TIME_IN_FUTURE';
  if (!world.known) return 'CUSTOMER_UNKNOWN';
  const synchronous = mode === 'synchronous';
  const anyActive = world.subscriptions.some(
    ({ startsAt, endsAt }) => startsAt <= now && (endsAt === null || now < endsAt),
  );
  if (synchronous && !anyActive) return 'NO_SUBSCRIPTION';
  const price = priceOf(world, feature, synchronous ? now : Math.min(happened, now), moment);
  if (!price) return 'free';
  const { wallet, credit, at } = price;
  const amount = debitOf(units(command.quantity), price.cost, systemOf(wallet, catalog).scale);
  const claim: Claim = { wallet, feature, at };
  const draws = draw(world, claim, amount, moment);
  const uncovered = amount - sum(draws.map((each) => each.amount));
  if (synchronous) {
    const refusal = refuseSynchronous(world, price);
    if (refusal) return refusal;
    if (uncovered > 0n && credit.onEmpty === 'block') return 'INSUFFICIENT_CREDITS';
  }
  consume(world, draws);
  touch(world, wallet);
  world.debits = [
    ...world.debits,
    {
      identity: usageIdentity(command),
      wallet,
      amount,
      draws,
      uncovered,
      disposition: credit.onEmpty === 'block' ? 'blocked' : 'billable',
      restored: [],
      writtenOff: 0n,
    },
  ];
  return undefined;
}

export function usageIdentity({ source, id }: { readonly source: string; readonly id: string }): string {
  return JSON.stringify([source, id]);
}

export function consume(world: World, draws: readonly Draw[]): void {
  for (const { grant, amount } of draws)
    changeGrant(world, grant, ({ consumed }) => ({ consumed: consumed + amount }));
}

/** Terms that must be met before anything is asked of the balance. */
export function refuseSynchronous(world: World, { subscription, wallet, credit, at }: Price): Refusal {
  const bought = world.subscriptions.find(({ id }) => id === subscription)?.purchasedIn.includes(wallet);
  if (credit.mandatoryPurchase && !bought) return 'PURCHASE_REQUIRED';
  const limit = limitAt(world, wallet, at);
  if (limit?.action === 'restrict' && available(world, wallet, at) < limit.threshold)
    return 'BELOW_CREDIT_LIMIT';
  return undefined;
}

/**
 * Usage is priced by the terms of when it happened, those of the subscription that started first and has the
 * feature paid with credits. It burns then as well, but not before the horizon of the wallet it burns from.
 */
export function priceOf(world: World, feature: string, happened: number, moment: Moment): Price | undefined {
  const price = termsOf(world, feature, happened, moment.clockSkewMs);
  return price && { ...price, at: Math.max(happened, horizon(price.wallet, moment)) };
}

/** Whether some subscription in force at an instant has the feature paid with credits. */
export function isPaidWithCredits(world: World, feature: string, at: number): boolean {
  return termsOf(world, feature, at, 0) !== undefined;
}

function termsOf(
  world: World,
  feature: string,
  at: number,
  clockSkewMs: number,
): Omit<Price, 'at'> | undefined {
  for (const subscription of world.subscriptions) {
    const { startsAt, endsAt, id } = subscription;
    if (startsAt > at + clockSkewMs || (endsAt !== null && endsAt <= at)) continue;
    const { plan } = termsAt(subscription, at);
    const priced = plan.features.find((each) => each.prepaid && each.feature === feature);
    const credit = priced && creditOf(plan, priced.creditSystem);
    if (!priced || !credit) continue;
    return { subscription: id, wallet: priced.creditSystem, credit, cost: units(priced.creditCost) };
  }
  return undefined;
}
