import { Amount, type Draw, type Grant, type GrantOrigin, type RolloverTerms } from '#domain';
import { orderedOrigin } from './origin-snapshot.js';
import type { Stored } from './stored-shape.js';

/** JSON text of a grant: what is equal has the same text. */
export function encodeGrant(grant: Grant): string {
  // Amounts are digits, a point and a sign: nothing in them needs an escape.
  return (
    `${termsText(grant)},"available":"${grant.available.toString()}","held":"${grant.held.toString()}",` +
    `"consumed":"${grant.consumed.toString()}","expired":"${grant.expired.toString()}",` +
    `"voided":"${grant.voided.toString()}","rolledOver":"${grant.rolledOver.toString()}"}`
  );
}

export function decodeGrant(text: string): Grant {
  return readGrant(JSON.parse(text) as Stored<Grant>);
}

interface RememberedTerms {
  readonly of: Grant;
  readonly text: string;
}

/** By origin, because a grant keeps it whatever happens to the grant, and no other grant has it. */
const remembered = new WeakMap<GrantOrigin, RememberedTerms>();

/**
 * The first part of a grant's text, and the longest: what was granted and on which terms. Hardly any event touches it,
 * and every event has its account written again.
 */
function termsText(grant: Grant): string {
  const known = remembered.get(grant.origin);
  if (known !== undefined && haveSameGrantTerms(known.of, grant)) return known.text;
  const { origin, ...terms } = storedTerms(grant);
  const text = `{"origin":${JSON.stringify(origin)},${JSON.stringify(terms).slice(1, -1)}`;
  remembered.set(grant.origin, { of: grant, text });
  return text;
}

/** Whether they are the very same; terms that are equal but other objects are only written once more. */
export function haveSameGrantTerms(a: Grant, b: Grant): boolean {
  return (
    a.origin === b.origin &&
    a.grantId === b.grantId &&
    a.source === b.source &&
    a.priority === b.priority &&
    a.effectiveAt === b.effectiveAt &&
    a.expiresAt === b.expiresAt &&
    a.plannedEnds === b.plannedEnds &&
    a.voidedInHold === b.voidedInHold &&
    a.features === b.features &&
    a.rollover === b.rollover &&
    a.grantedAt === b.grantedAt &&
    a.granted === b.granted
  );
}

type Terms = Omit<Grant, 'available' | 'held' | 'consumed' | 'expired' | 'voided' | 'rolledOver'>;

/** Every key by hand, in one order: the text must not depend on how the grant was put together. */
function storedTerms(grant: Terms): Stored<Terms> {
  const { plannedEnds, voidedInHold } = grant;
  return {
    origin: orderedOrigin(grant.origin),
    grantId: grant.grantId,
    source: grant.source,
    priority: grant.priority,
    effectiveAt: grant.effectiveAt,
    expiresAt: grant.expiresAt,
    ...(plannedEnds && { plannedEnds: plannedEnds.map(({ until, expiresAt }) => ({ until, expiresAt })) }),
    ...(voidedInHold && { voidedInHold }),
    features: grant.features,
    rollover: grant.rollover && {
      cap: grant.rollover.cap?.toString() ?? null,
      expiresAt: grant.rollover.expiresAt,
    },
    grantedAt: grant.grantedAt,
    granted: grant.granted.toString(),
  };
}

export function readGrant(stored: Stored<Grant>): Grant {
  const { plannedEnds, voidedInHold } = stored;
  return {
    grantId: stored.grantId,
    source: stored.source,
    priority: stored.priority,
    effectiveAt: stored.effectiveAt,
    expiresAt: stored.expiresAt,
    ...(plannedEnds && { plannedEnds }),
    ...(voidedInHold && { voidedInHold }),
    features: stored.features,
    origin: stored.origin,
    rollover: stored.rollover && readRollover(stored.rollover),
    grantedAt: stored.grantedAt,
    granted: Amount.parse(stored.granted),
    available: Amount.parse(stored.available),
    held: Amount.parse(stored.held),
    consumed: Amount.parse(stored.consumed),
    expired: Amount.parse(stored.expired),
    voided: Amount.parse(stored.voided),
    rolledOver: Amount.parse(stored.rolledOver),
  };
}

export function storedDraw({ grantId, source, amount }: Draw): Stored<Draw> {
  return { grantId, source, amount: amount.toString() };
}

export function readDraw({ grantId, source, amount }: Stored<Draw>): Draw {
  return { grantId, source, amount: Amount.parse(amount) };
}

export function readOptional(amount: string | null): Amount | null {
  return amount === null ? null : Amount.parse(amount);
}

function readRollover({ cap, expiresAt }: Stored<RolloverTerms>): RolloverTerms {
  return { cap: readOptional(cap), expiresAt };
}
