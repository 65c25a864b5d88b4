import { activeAt, creditOf, remainder, termsAt, type Subscription, type World } from './world.js';
import { sum, units, type Units } from './units.js';

export interface Limit {
  readonly threshold: Units;
  readonly action: 'alert' | 'restrict';
}

/** What can be spent at an instant, whatever feature it is limited to. */
export function available(world: World, wallet: string, at: number): Units {
  return sum(
    world.grants
      .filter(
        (grant) =>
          grant.wallet === wallet &&
          grant.effectiveAt <= at &&
          (grant.expiresAt === null || at < grant.expiresAt) &&
          !grant.revoked,
      )
      .map(remainder),
  );
}

/** The limit of the active subscription that started first and has one. */
export function limitAt(world: World, wallet: string, at: number): Limit | undefined {
  for (const subscription of world.subscriptions) {
    if (!activeAt(subscription, at)) continue;
    const limit = creditOf(termsAt(subscription, at).plan, wallet)?.lowCreditLimit;
    if (limit) return { threshold: units(limit.threshold), action: limit.action };
  }
  return undefined;
}

/** True: a wallet fell below its limit or rose to it again. A wallet that nothing has happened in has no limit. */
export function noticeLowLimits(world: World, at: number): boolean {
  let noticed = false;
  for (const wallet of world.wallets) {
    const limit = limitAt(world, wallet, at);
    if (!limit) continue;
    const low = available(world, wallet, at) < limit.threshold;
    if (low === world.low.includes(wallet)) continue;
    world.low = low ? [...world.low, wallet] : world.low.filter((each) => each !== wallet);
    world.crossings = [...world.crossings, { wallet, at, low }];
    noticed = true;
  }
  return noticed;
}

/** The next instant at which time alone may change what is available or which limit holds. Null: none by `until`. */
export function turningPointAfter(world: World, after: number, until: number): number | null {
  if (!world.subscriptions.some(hasLimit)) return null;
  let next: number | null = null;
  const consider = (at: number | null) => {
    if (at !== null && at > after && at <= until && (next === null || at < next)) next = at;
  };
  for (const { effectiveAt, expiresAt } of world.grants) {
    consider(effectiveAt);
    consider(expiresAt);
  }
  for (const { timesOutAt } of world.holds) consider(timesOutAt);
  for (const { endsAt, terms } of world.subscriptions) {
    consider(endsAt);
    for (const { from } of terms) consider(from);
  }
  return next;
}

function hasLimit({ terms }: Subscription): boolean {
  return terms.some(({ plan }) => plan.credits.some(({ lowCreditLimit }) => lowCreditLimit !== null));
}
