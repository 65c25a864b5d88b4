import { Amount } from '../../amount/index.js';
import {
  decideCatalog,
  foldCatalog,
  initialCatalog,
  type Catalog,
  type CatalogCommand,
  type PlanCreditDraft,
  type PlanDraft,
  type PlanFeatureDraft,
} from '../../catalog/index.js';
import type { PriceScheduleDraft } from '../../rating/index.js';
import { instant, type IntervalUnit } from '../../time/index.js';

export const amount = (text: string | number): Amount => Amount.parse(String(text));

/** A catalog as its own decider lets it through: nothing in these tests could not be published. */
export function catalogOf(
  systems: readonly { readonly key: string; readonly scale?: number; readonly lateUsageGraceMs?: number }[],
  plans: Readonly<Record<string, readonly Omit<PlanDraft, 'name'>[]>>,
): Catalog {
  const commands: Omit<CatalogCommand, 'key' | 'fingerprint'>[] = [
    ...systems.map(({ key, ...rest }) => ({
      type: 'DefineCreditSystem' as const,
      creditSystem: key,
      name: key,
      ...rest,
    })),
    ...Object.entries(plans).flatMap(([planId, versions]) =>
      versions.flatMap((version) => [
        { type: 'SavePlanDraft' as const, planId, draft: { name: planId, ...version } },
        { type: 'PublishPlan' as const, planId },
      ]),
    ),
  ];
  return commands.reduce((catalog, command, index) => {
    const key = `setup ${index}`;
    const decision = decideCatalog(catalog, { ...command, key, fingerprint: key } as CatalogCommand, {
      now: instant('2020-01-01T00:00:00Z'),
    });
    if (decision.kind !== 'decided') throw new Error(JSON.stringify(decision));
    return foldCatalog(catalog, decision.events);
  }, initialCatalog);
}

/** An allowance per interval. */
export function allowance(
  credits: string | number,
  unit: IntervalUnit = 'month',
  count = 1,
  rollover?: { readonly cap?: Amount | null; readonly periods: number },
): Pick<PlanCreditDraft, 'included'> {
  return {
    included: {
      allowance: amount(credits),
      resetInterval: { unit, count },
      ...(rollover === undefined ? {} : { rollover }),
    },
  };
}

/** A price per credit in euros. */
export function perUnit(price: string | number): PriceScheduleDraft {
  return {
    kind: 'graduated',
    currency: 'EUR',
    tiers: [{ firstUnit: amount(0), model: 'perUnit', unitPrice: amount(price) }],
  };
}

export function costs(
  feature: string,
  creditCost: string | number,
  creditSystem = 'credits',
): PlanFeatureDraft {
  return { feature, creditSystem, creditCost: amount(creditCost) };
}

/** A plan of one credit system, `credits`, that has `call` at one credit each unless told otherwise. */
export function planOf(
  credit: Omit<PlanCreditDraft, 'creditSystem'>,
  rest: { readonly timeZone?: string; readonly features?: readonly PlanFeatureDraft[] } = {},
): Omit<PlanDraft, 'name'> {
  return { features: [costs('call', 1)], ...rest, credits: [{ creditSystem: 'credits', ...credit }] };
}

export const sells = { priced: { topUp: perUnit('0.1') } } as const;

/** One credit system, and one plan `plan` of it per argument: version 1, 2, … */
export function plans(...versions: readonly Omit<PlanDraft, 'name'>[]): Catalog {
  return catalogOf([{ key: 'credits' }], { plan: versions });
}

/** Calls cost one credit each, credits can be bought, and that is all. */
export const prepaid = plans(planOf(sells));
