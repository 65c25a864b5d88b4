import type { AccountCommand, Amount, CreditSystem, Instant, Plan } from '#domain';

/**
 * The same shape with amounts and instants as their texts: what JSON makes of it. The model knows the commands and
 * plans by their published form and nothing of the types behind it.
 */
export type Plain<T> = T extends Amount | Instant
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Plain<Item>[]
      : { readonly [Name in keyof T]: Plain<T[Name]> };

export type PlainCommand = Plain<AccountCommand>;
export type PlainPlan = Plain<Plan>;

/** What the model needs to know of the catalog. */
export interface PlainCatalog {
  readonly creditSystems: Readonly<Record<string, Pick<CreditSystem, 'scale' | 'lateUsageGraceMs'>>>;
  /** Published versions by plan id; version n stands at n − 1. */
  readonly plans: Readonly<Record<string, readonly PlainPlan[]>>;
}
