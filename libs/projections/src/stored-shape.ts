import type { Amount } from '#domain';

/** `T` as JSON holds it: amounts are decimal strings, everything else is itself. */
export type Stored<T> = T extends Amount
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : { readonly [K in keyof T]: Stored<T[K]> };
