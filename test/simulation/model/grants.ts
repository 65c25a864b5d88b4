import { plusDuration } from './calendar.js';
import type { PlainCommand } from './plain.js';
import { named } from './settlement.js';
import type { Refusal } from './subscriptions.js';
import { addGrant, changeGrant, remainder, type Grant, type Moment, type World } from './world.js';
import { units } from './units.js';

type Command<Type extends PlainCommand['type']> = Extract<PlainCommand, { readonly type: Type }>;

const DEFAULT_PRIORITY = 50;

/** What a new grant has not had happen to it yet. */
export const untouched = {
  rolledFrom: null,
  plannedEnd: null,
  rollover: null,
  held: 0n,
  consumed: 0n,
  expired: 0n,
  voided: 0n,
  rolledOver: 0n,
} as const satisfies Partial<Grant>;

/** Promotional credits; a duration is counted in UTC, since no plan's zone applies. */
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
        ? null
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

/** Takes back what is left of a grant. What is held stays with the hold; what comes back of it is voided later. */
export function voidGrant(world: World, command: Command<'VoidGrant'>): Refusal {
  if (!world.known) return 'CUSTOMER_UNKNOWN';
  const grant = world.grants.find(
    ({ id, wallet }) => id === command.grantId && wallet === command.creditSystem,
  );
  if (!grant) return 'GRANT_UNKNOWN';
  if (remainder(grant) === 0n) return 'GRANT_SPENT';
  changeGrant(world, grant.id, ({ voided }) => ({ voided: voided + remainder(grant) }));
  return undefined;
}
