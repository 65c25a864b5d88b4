import { plusDuration } from './calendar.js';
import type { PlainCommand } from './plain.js';
import { named } from './settlement.js';
import type { Refusal } from './subscriptions.js';
import {
  activeAt,
  addGrant,
  changeGrant,
  creditOf,
  remainder,
  termsAt,
  type Grant,
  type Moment,
  type World,
} from './world.js';
import { units } from './units.js';

type Command<Type extends PlainCommand['type']> = Extract<PlainCommand, { readonly type: Type }>;

const DEFAULT_PRIORITY = 50;

/** What a new grant has not had happen to it yet. */
export const untouched = {
  rolledFrom: null,
  plannedEnds: [],
  rollover: null,
  held: 0n,
  consumed: 0n,
  expired: 0n,
  voided: 0n,
  revoked: false,
  rolledOver: 0n,
} as const satisfies Partial<Grant>;

/**
 * Promotional credits; a duration of their own is counted in UTC. Without any end they take that which the plan of
 * the earliest active subscription gives promotional credits, in its zone.
 */
export function grantCredits(
  world: World,
  command: Command<'GrantCredits'>,
  { catalog, now }: Moment,
): Refusal {
  const { creditSystem: wallet, expiresAfter, features } = command;
  if (!(wallet in catalog.creditSystems)) return 'CREDIT_SYSTEM_UNKNOWN';
  const effectiveAt = command.effectiveAt === undefined ? now : Date.parse(command.effectiveAt);
  const expiresAt =
    expiresAfter !== undefined
      ? plusDuration(effectiveAt, expiresAfter, 'UTC')
      : command.expiresAt === undefined
        ? plannedEnd(world, wallet, effectiveAt, now)
        : Date.parse(command.expiresAt);
  const amount = units(command.amount);
  if (amount <= 0n || (expiresAt !== null && expiresAt <= effectiveAt)) return 'COMMAND_MALFORMED';
  if ((command.expiresAt !== undefined && expiresAfter !== undefined) || features?.length === 0)
    return 'COMMAND_MALFORMED';
  addGrant(world, {
    ...untouched,
    id: `promotion/${named(command.key)}`,
    wallet,
    kind: 'promotion',
    source: 'promotional',
    subscription: null,
    priority: command.priority ?? DEFAULT_PRIORITY,
    effectiveAt,
    expiresAt,
    features: features ?? null,
    grantedAt: now,
    granted: amount,
  });
  return undefined;
}

function plannedEnd(world: World, wallet: string, effectiveAt: number, now: number): number | null {
  const ends = world.subscriptions
    .filter((each) => activeAt(each, now))
    .flatMap((each): readonly number[] => {
      const { plan } = termsAt(each, now);
      const rule = creditOf(plan, wallet)?.expiresAfter ?? null;
      return rule === null ? [] : [plusDuration(effectiveAt, rule, plan.timeZone)];
    });
  return ends[0] ?? null;
}

/** Takes back what is left of a grant. What is held stays with the hold; what comes back of it is voided later. */
export function voidGrant(world: World, command: Command<'VoidGrant'>): Refusal {
  if (!world.known) return 'CUSTOMER_UNKNOWN';
  const grant = world.grants.find(
    ({ id, wallet }) => id === command.grantId && wallet === command.creditSystem,
  );
  if (!grant) return 'GRANT_UNKNOWN';
  if (remainder(grant) === 0n && (grant.held === 0n || grant.revoked)) return 'GRANT_SPENT';
  changeGrant(world, grant.id, ({ voided }) => ({ voided: voided + remainder(grant), revoked: true }));
  return undefined;
}
