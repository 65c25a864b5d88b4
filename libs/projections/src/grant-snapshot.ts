import { Amount, type Draw, type Grant, type GrantOrigin, type RolloverTerms } from '#domain';
import { orderedOrigin } from './origin-snapshot.js';
import { rememberedText } from './remembered-text.js';
import type { Stored } from './stored-shape.js';

/** JSON text of a grant: what is equal has the same text. */
export function encodeGrant(grant: Grant): string {
  return `{"origin":${originText(grant.origin)},${JSON.stringify(storedRest(grant)).slice(1)}`;
}

export function decodeGrant(text: string): Grant {
  return readGrant(JSON.parse(text) as Stored<Grant>);
}

/** The longest part of most grants, and the one that never changes. */
const originText = rememberedText((origin: GrantOrigin) => JSON.stringify(orderedOrigin(origin)));

/** Every key by hand, in one order: the text must not depend on how the grant was put together. */
function storedRest(grant: Grant): Omit<Stored<Grant>, 'origin'> {
  const { plannedExpiresAt } = grant;
  return {
    grantId: grant.grantId,
    source: grant.source,
    priority: grant.priority,
    effectiveAt: grant.effectiveAt,
    expiresAt: grant.expiresAt,
    ...(plannedExpiresAt === undefined ? {} : { plannedExpiresAt }),
    features: grant.features,
    rollover: grant.rollover && {
      cap: grant.rollover.cap?.toString() ?? null,
      expiresAt: grant.rollover.expiresAt,
    },
    grantedAt: grant.grantedAt,
    granted: grant.granted.toString(),
    available: grant.available.toString(),
    held: grant.held.toString(),
    consumed: grant.consumed.toString(),
    expired: grant.expired.toString(),
    voided: grant.voided.toString(),
    rolledOver: grant.rolledOver.toString(),
  };
}

export function readGrant(stored: Stored<Grant>): Grant {
  const { plannedExpiresAt } = stored;
  return {
    grantId: stored.grantId,
    source: stored.source,
    priority: stored.priority,
    effectiveAt: stored.effectiveAt,
    expiresAt: stored.expiresAt,
    ...(plannedExpiresAt === undefined ? {} : { plannedExpiresAt }),
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
