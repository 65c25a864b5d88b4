import type { LedgerEventType } from './ledger-event-schemas.js';

/** The members of a stored event, before its shape has been looked at. */
export type StoredMembers = Readonly<Record<string, unknown>>;

/** Turns the members of version n into those of version n + 1, from nothing but what stands there. */
export type Upcaster = (members: StoredMembers) => StoredMembers;

/** By event type; place n − 1 leads from version n to n + 1. */
export type UpcasterChains = Readonly<Record<string, readonly Upcaster[]>>;

/**
 * Stored events are never edited. When the shape of one changes, its schema is changed, and here a step is
 * added that makes the old shape into the new one; the type's schema version grows by that.
 */
export const UPCASTERS: UpcasterChains & Partial<Record<LedgerEventType, readonly Upcaster[]>> = {};

/** The version in which events of this type are written now: 1, and one more for each step. */
export function currentVersion(type: string, chains: UpcasterChains = UPCASTERS): number {
  return 1 + (chains[type]?.length ?? 0);
}

/** @throws RangeError for a version that is none, or newer than this program */
export function upcast(
  type: string,
  version: unknown,
  members: StoredMembers,
  chains: UpcasterChains = UPCASTERS,
): StoredMembers {
  const current = currentVersion(type, chains);
  if (version === current) return members;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1 || version > current) {
    throw new RangeError(`schemaVersion must be 1 to ${current}, got ${JSON.stringify(version)}`);
  }
  return (chains[type] ?? []).slice(version - 1).reduce((older, step) => step(older), members);
}
