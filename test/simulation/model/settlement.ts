import { boundary, plusDuration, type Interval } from './calendar.js';
import { giveBack } from './give-back.js';
import { noticeLowLimits, turningPointAfter } from './low-limit.js';
import {
  addGrant,
  changeGrant,
  horizon,
  remainder,
  type Grant,
  type Hold,
  type Moment,
  type Subscription,
  type Terms,
  type World,
} from './world.js';
import { least, units } from './units.js';
import type { PlainPlan } from './plain.js';

interface Due {
  readonly at: number;
  /** Among what falls due at one instant old credits leave before new ones come. */
  readonly rank: number;
  readonly name: string;
  readonly happen: () => void;
}

/**
 * Lets everything happen that time alone has caused by now, in the order in which it fell due; low limits are
 * looked at on the way, wherever time may have crossed one. True: something happened.
 */
export function settle(world: World, moment: Moment): boolean {
  let happened = false;
  let watchedThrough = world.recordedThrough;
  for (;;) {
    const next = first(allDue(world, moment));
    const point = turningPointAfter(world, watchedThrough, moment.now);
    if (next && (point === null || next.at <= point)) {
      next.happen();
      happened = true;
    } else if (point !== null) {
      if (noticeLowLimits(world, point)) happened = true;
      watchedThrough = point;
    } else return happened;
  }
}

function first(dues: readonly Due[]): Due | undefined {
  const before = (a: Due, b: Due) => a.at - b.at || a.rank - b.rank || (a.name < b.name ? -1 : 1);
  return dues.reduce<Due | undefined>(
    (least, due) => (least && before(least, due) < 0 ? least : due),
    undefined,
  );
}

function allDue(world: World, moment: Moment): readonly Due[] {
  const dues: Due[] = [];
  for (const grant of world.grants) if (remainder(grant) > 0n) dues.push(...leaving(world, grant, moment));
  for (const hold of world.holds)
    if (hold.open && hold.timesOutAt <= moment.now) dues.push(timingOut(world, hold));
  dues.push(...allRenewals(world).filter(({ at }) => at <= moment.now));
  return dues;
}

/** When the next periods begin that have not been granted, whether they have begun or not. */
export function periodsToCome(world: World): readonly number[] {
  return allRenewals(world).map(({ at }) => at);
}

function allRenewals(world: World): readonly Due[] {
  return world.subscriptions.flatMap((subscription) =>
    subscription.terms.flatMap((terms) => renewals(world, subscription, terms)),
  );
}

function timingOut(world: World, hold: Hold): Due {
  const { timesOutAt: at, id: name, draws } = hold;
  const happen = () => {
    giveBack(world, draws, at, 'held', { byTime: true });
    world.holds = world.holds.map((each) => (each.id === name ? { ...each, open: false } : each));
  };
  return { at, rank: 1, name, happen };
}

function leaving(world: World, grant: Grant, moment: Moment): Due[] {
  const { id: name, expiresAt, rollover } = grant;
  if (grant.revoked) {
    // Credits that came back to a grant that had been taken back.
    return [{ at: moment.now, rank: 0, name, happen: () => take(world, grant, 'voided') }];
  }
  if (expiresAt === null || expiresAt > moment.now) return [];
  if (rollover) return [{ at: expiresAt, rank: 2, name, happen: () => rollOver(world, grant, expiresAt) }];
  if (expiresAt > horizon(grant.wallet, moment)) return [];
  return [{ at: expiresAt, rank: 3, name, happen: () => take(world, grant, 'expired') }];
}

function take(world: World, { id }: Grant, to: 'expired' | 'voided'): void {
  changeGrant(world, id, (grant) => ({ [to]: grant[to] + remainder(grant) }));
}

function rollOver(world: World, grant: Grant, at: number): void {
  const { rollover, subscription } = grant;
  if (!rollover) return;
  const moved = rollover.cap === null ? remainder(grant) : least(remainder(grant), rollover.cap);
  changeGrant(world, grant.id, ({ rolledOver }) => ({ rolledOver: rolledOver + moved, rollover: null }));
  const endsAt = world.subscriptions.find(({ id }) => id === subscription)?.endsAt ?? Infinity;
  addGrant(world, {
    ...grant,
    id: `${grant.id}/rollover`,
    kind: 'rollover',
    rolledFrom: grant.id,
    expiresAt: Math.min(rollover.expiresAt, endsAt),
    plannedEnds: [],
    rollover: null,
    grantedAt: at,
    granted: moved,
    held: 0n,
    consumed: 0n,
    expired: 0n,
    voided: 0n,
    revoked: false,
    rolledOver: 0n,
  });
}

/** The first period of each of some terms' credits that have not been granted. */
function renewals(world: World, subscription: Subscription, terms: Terms): Due[] {
  const end = Math.min(subscription.endsAt ?? Infinity, nextTerms(subscription, terms)?.from ?? Infinity);
  return terms.plan.credits.flatMap((credit) =>
    (['allowance', 'pack'] as const).flatMap((kind): Due[] => {
      const interval =
        kind === 'allowance' ? allowanceInterval(credit) : credit.priced?.recurring?.billingInterval;
      if (!interval) return [];
      const name = `${named(subscription.id)}/${named(credit.creditSystem)}/${kind}/${terms.number}`;
      const already = world.periods[name] ?? 0;
      const start = boundary(terms.from, interval, terms.plan.timeZone, already);
      if (start >= end) return [];
      const happen = () => {
        const period = { index: already, start, interval };
        world.periods = { ...world.periods, [name]: already + 1 };
        addGrant(world, {
          ...(kind === 'allowance'
            ? allowance(subscription, terms, credit, period, end)
            : pack(terms, credit, period)),
          id: `${name}/${already}`,
          wallet: credit.creditSystem,
          kind,
          subscription: subscription.id,
          rolledFrom: null,
          effectiveAt: start,
          plannedEnds: [],
          features: null,
          grantedAt: start,
          held: 0n,
          consumed: 0n,
          expired: 0n,
          voided: 0n,
          revoked: false,
          rolledOver: 0n,
        });
        if (kind === 'pack') purchasedIn(world, subscription.id, credit.creditSystem);
      };
      return [{ at: start, rank: 4, name: `${credit.creditSystem} ${kind} ${subscription.id}`, happen }];
    }),
  );
}

type Credit = PlainPlan['credits'][number];
interface Period {
  readonly index: number;
  readonly start: number;
  readonly interval: Interval;
}
type Given = Pick<Grant, 'source' | 'priority' | 'granted' | 'expiresAt' | 'rollover'>;

function allowance(
  subscription: Subscription,
  terms: Terms,
  credit: Credit,
  period: Period,
  end: number,
): Given {
  const { included } = credit;
  if (!included) throw new Error(`plan ${terms.plan.id} includes no ${credit.creditSystem}`);
  const endOf = (index: number) => boundary(terms.from, period.interval, terms.plan.timeZone, index + 1);
  const periodEnd = endOf(period.index);
  const { rollover } = included;
  const rolls = rollover && rollover.cap !== '0' && end >= periodEnd && subscription.endsAt !== periodEnd;
  return {
    source: 'included',
    priority: included.priority,
    granted: units(included.allowance),
    expiresAt: Math.min(periodEnd, end),
    rollover: rolls
      ? {
          cap: rollover.cap === null ? null : units(rollover.cap),
          expiresAt: endOf(period.index + rollover.periods),
        }
      : null,
  };
}

function pack(terms: Terms, { creditSystem, priced, expiresAfter }: Credit, { start }: Period): Given {
  if (!priced?.recurring) throw new Error(`plan ${terms.plan.id} sells no pack of ${creditSystem}`);
  return {
    source: 'purchased',
    priority: priced.priority,
    granted: units(priced.recurring.quantity),
    expiresAt: expiresAfter === null ? null : plusDuration(start, expiresAfter, terms.plan.timeZone),
    rollover: null,
  };
}

function allowanceInterval({ included }: Credit): Interval | undefined {
  return included && units(included.allowance) > 0n ? included.resetInterval : undefined;
}

function nextTerms({ terms }: Subscription, { number }: Terms): Terms | undefined {
  return terms[terms.findIndex((each) => each.number === number) + 1];
}

export function purchasedIn(world: World, subscriptionId: string, wallet: string): void {
  world.subscriptions = world.subscriptions.map((each) =>
    each.id === subscriptionId && !each.purchasedIn.includes(wallet)
      ? { ...each, purchasedIn: [...each.purchasedIn, wallet] }
      : each,
  );
}

/** Names are made of parts between slashes. */
export function named(part: string): string {
  return part.replaceAll('%', '%25').replaceAll('/', '%2F');
}
