import type { AccountEvent, CatalogEvent } from '#domain';
import type { z } from 'zod';
import { balanceEventSchemas } from './balance-event-schemas.js';
import { catalogEventSchemas } from './catalog-event-schemas.js';
import { creditEventSchemas } from './credit-event-schemas.js';
import { holdEventSchemas } from './hold-event-schemas.js';
import type { Mirrors } from './mirrors.js';
import { subscriptionEventSchemas } from './subscription-event-schemas.js';

export type LedgerEvent = AccountEvent | CatalogEvent;
export type AccountEventType = AccountEvent['type'];
export type CatalogEventType = CatalogEvent['type'];
export type LedgerEventType = LedgerEvent['type'];

/** The stored shape of every event of an account's stream, by type. */
export const accountEventSchemas = {
  ...subscriptionEventSchemas,
  ...creditEventSchemas,
  ...holdEventSchemas,
  ...balanceEventSchemas,
};

/** The stored shape of every ledger event, by type. */
export const ledgerEventSchemas = { ...accountEventSchemas, ...catalogEventSchemas };

/*
 * The stored shapes and the domain's types say the same, member by member and in both directions: a change of
 * one that is not made in the other does not compile, and the error names the event.
 */
type Stored<Schemas extends Record<string, z.ZodType>> = { [T in keyof Schemas]: z.output<Schemas[T]> };
type ByType<E extends { readonly type: string }> = { [T in E['type']]: Extract<E, { readonly type: T }> };

type Unmirrored<Schemas extends Record<string, z.ZodType>, Events> = {
  [T in keyof Schemas | keyof Events]: T extends keyof Schemas & keyof Events
    ? Mirrors<Stored<Schemas>[T], Events[T]> extends true
      ? never
      : T
    : T;
}[keyof Schemas | keyof Events];

/** Fails to compile for anything but never, and says what it was. */
type Nothing<T extends never> = T;

export type UnmirroredAccountEvents = Nothing<Unmirrored<typeof accountEventSchemas, ByType<AccountEvent>>>;
export type UnmirroredCatalogEvents = Nothing<Unmirrored<typeof catalogEventSchemas, ByType<CatalogEvent>>>;
