import type { RejectionReason } from '#domain';
import { draw } from './burn.js';
import { giveBack } from './give-back.js';
import type { PlainCommand } from './plain.js';
import { takeFirst } from './reversals.js';
import type { Refusal } from './subscriptions.js';
import { consume, priceOf, refuseSynchronous } from './usage.js';
import {
  activeAt,
  changeGrant,
  creditOf,
  systemOf,
  termsAt,
  touch,
  type Hold,
  type Moment,
  type World,
} from './world.js';
import { debitOf, least, sum, units, type Units } from './units.js';

type Command<Type extends PlainCommand['type']> = Extract<PlainCommand, { readonly type: Type }>;

interface Wanted {
  readonly wallet: string;
  readonly feature: string | null;
  readonly amount: Units;
  readonly refusal: Refusal;
}

/** Sets credits aside, all or nothing, whatever the plan says of running out. */
export function placeHold(world: World, command: Command<'PlaceHold'>, moment: Moment): Refusal | 'free' {
  const { holdId: id } = command;
  const { now } = moment;
  if (!world.known) return 'CUSTOMER_UNKNOWN';
  const asked = command.amount ?? command.quantity ?? '0';
  const timesOutAt = Date.parse(command.timesOutAt);
  if (units(asked) <= 0n || timesOutAt <= now) return 'COMMAND_MALFORMED';
  if (world.holds.some((hold) => hold.id === id)) return 'HOLD_EXISTS';
  const wanted = wantedBy(world, command, moment);
  if (typeof wanted === 'string') return wanted;
  if (wanted.refusal) return wanted.refusal;
  const { wallet, feature, amount } = wanted;
  const draws = draw(world, { wallet, feature, at: now }, amount, moment);
  if (sum(draws.map((each) => each.amount)) < amount) return 'INSUFFICIENT_CREDITS';
  for (const each of draws) changeGrant(world, each.grant, ({ held }) => ({ held: held + each.amount }));
  touch(world, wallet);
  world.holds = [...world.holds, { id, wallet, feature, timesOutAt, draws, open: true }];
  return undefined;
}

function wantedBy(
  world: World,
  command: Command<'PlaceHold'>,
  moment: Moment,
): Wanted | RejectionReason | 'free' {
  const { now, catalog } = moment;
  const active = world.subscriptions.filter((subscription) => activeAt(subscription, now));
  if (command.feature !== undefined && command.quantity !== undefined) {
    if (active.length === 0) return 'NO_SUBSCRIPTION';
    const price = priceOf(world, command.feature, now, moment);
    if (!price) return 'free';
    const amount = debitOf(units(command.quantity), price.cost, systemOf(price.wallet, catalog).scale);
    return {
      wallet: price.wallet,
      feature: command.feature,
      amount,
      refusal: refuseSynchronous(world, price),
    };
  }
  const { creditSystem: wallet = '', amount = '0' } = command;
  if (!(wallet in catalog.creditSystems)) return 'CREDIT_SYSTEM_UNKNOWN';
  const terms = active.flatMap((subscription) => {
    const credit = creditOf(termsAt(subscription, now).plan, wallet);
    return credit ? [{ subscription: subscription.id, wallet, credit, cost: 0n, at: now }] : [];
  })[0];
  return { wallet, feature: null, amount: units(amount), refusal: terms && refuseSynchronous(world, terms) };
}

/** Consumes some of what is held, in the order in which it was drawn, or more where the balance allows it. */
export function captureHold(world: World, command: Command<'CaptureHold'>, moment: Moment): Refusal {
  const hold = openHold(world, command.holdId);
  if (typeof hold === 'string') return hold;
  const held = sum(hold.draws.map(({ amount }) => amount));
  const amount = command.amount === undefined ? held : units(command.amount);
  if (amount < 0n) return 'COMMAND_MALFORMED';
  const claim = { wallet: hold.wallet, feature: hold.feature, at: moment.now };
  const beyond = draw(world, claim, amount - least(amount, held), moment);
  if (sum(beyond.map((each) => each.amount)) + least(amount, held) < amount) return 'INSUFFICIENT_CREDITS';
  const taken = takeFirst(hold.draws, least(amount, held));
  const back = hold.draws.map((each) => ({
    grant: each.grant,
    amount: each.amount - sum(taken.filter(({ grant }) => grant === each.grant).map((part) => part.amount)),
  }));
  for (const each of taken)
    changeGrant(world, each.grant, ({ held: before }) => ({ held: before - each.amount }));
  giveBack(
    world,
    back.filter((each) => each.amount > 0n),
    moment.now,
    'held',
  );
  consume(world, [...taken, ...beyond]);
  close(world, hold);
  return undefined;
}

export function releaseHold(world: World, command: Command<'ReleaseHold'>, { now }: Moment): Refusal {
  const hold = openHold(world, command.holdId);
  if (typeof hold === 'string') return hold;
  giveBack(world, hold.draws, now, 'held');
  close(world, hold);
  return undefined;
}

function openHold(world: World, id: string): Hold | RejectionReason {
  if (!world.known) return 'CUSTOMER_UNKNOWN';
  const hold = world.holds.find((each) => each.id === id);
  if (!hold) return 'HOLD_UNKNOWN';
  return hold.open ? hold : 'HOLD_CLOSED';
}

export function close(world: World, hold: Hold): void {
  world.holds = world.holds.map((each) => (each.id === hold.id ? { ...each, open: false } : each));
}
