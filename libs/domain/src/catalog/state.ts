import type { CreditSystem } from './credit-system.js';
import type { CatalogAnswer, CatalogEvent } from './events.js';
import { planTerms, type Plan, type PlanFeature, type PlanTerms } from './plan.js';

/** Credit systems and plans, folded from the catalog's one stream and nothing else. */
export interface Catalog {
  /** By key. */
  readonly creditSystems: Readonly<Record<string, CreditSystem>>;
  /** Their keys in the order in which they were defined, which a record does not keep: it lists `10` before `a`. */
  readonly order: readonly string[];
  /** By plan id. */
  readonly plans: Readonly<Record<string, PlanHistory>>;
  /** How each command was answered, by its key. */
  readonly answers: Readonly<Record<string, AnsweredCommand>>;
}

export interface PlanHistory {
  readonly id: string;
  /** What `PublishPlan` would publish. */
  readonly draft: PlanTerms;
  /** 1, 2, 3 …: one more with every draft that says something else than the one before it. */
  readonly draftNumber: number;
  /** Oldest first: version n stands at n − 1. */
  readonly versions: readonly Plan[];
}

export interface AnsweredCommand {
  readonly fingerprint: string;
  readonly answer: CatalogAnswer;
  /** Of the event that the command caused in the catalog's stream. */
  readonly revision: number;
  /** The credit system that the answer names, as it was then. Null: the answer names a plan. */
  readonly creditSystem: CreditSystem | null;
  /** Of the draft that the plan had then. Null: the answer names a credit system. */
  readonly draftNumber: number | null;
}

export const initialCatalog: Catalog = { creditSystems: {}, order: [], plans: {}, answers: {} };

export function findCreditSystem(catalog: Catalog, key: string): CreditSystem | undefined {
  return own(catalog.creditSystems, key);
}

/** In the order in which they were defined. */
export function listCreditSystems(catalog: Catalog): readonly CreditSystem[] {
  return catalog.order.flatMap((key) => findCreditSystem(catalog, key) ?? []);
}

/** How a command with this idempotency key was answered, if it ever was. */
export function findAnswer(catalog: Catalog, key: string): AnsweredCommand | undefined {
  return own(catalog.answers, key);
}

/** A published version; without `version` the latest. Undefined when there is none. */
export function findPlan(catalog: Catalog, id: string, version?: number): Plan | undefined {
  const versions = own(catalog.plans, id)?.versions;
  return version === undefined ? versions?.at(-1) : versions?.[version - 1];
}

/** A plan with its draft and all its versions. */
export function findPlanHistory(catalog: Catalog, id: string): PlanHistory | undefined {
  return own(catalog.plans, id);
}

/** Of the draft that a plan has; 0 where nobody has saved one. */
export function draftNumberOf(catalog: Catalog, id: string): number {
  return own(catalog.plans, id)?.draftNumber ?? 0;
}

export function listPlanHistories(catalog: Catalog): readonly PlanHistory[] {
  return Object.values(catalog.plans);
}

/** Every usage event asks; a plan may have a thousand features, and its terms never change. */
const costsByFeature = new WeakMap<PlanTerms, ReadonlyMap<string, PlanFeature>>();

/**
 * What one unit of a feature costs in credits under a plan. Undefined when the plan does not know the feature
 * or does not have it paid with credits (prepaid usage switched off).
 */
export function featureCost(terms: PlanTerms, feature: string): PlanFeature | undefined {
  let costs = costsByFeature.get(terms);
  if (!costs) {
    costs = new Map(terms.features.filter((cost) => cost.prepaid).map((cost) => [cost.feature, cost]));
    costsByFeature.set(terms, costs);
  }
  return costs.get(feature);
}

export function evolveCatalog(catalog: Catalog, event: CatalogEvent): Catalog {
  return foldCatalog(catalog, [event]);
}

/** As evolving event by event, but the answers, of which there is one per command ever, are copied only once. */
export function foldCatalog(catalog: Catalog, events: Iterable<CatalogEvent>): Catalog {
  let folded = catalog;
  const answers: [key: string, answered: AnsweredCommand][] = [];
  // Every command is one event, so that they number the stream.
  const before = Object.keys(catalog.answers).length;
  for (const event of events) {
    folded = applyChange(folded, event);
    const answer = answerOf(event);
    const creditSystem =
      answer.kind === 'creditSystem' ? findCreditSystem(folded, answer.creditSystem) : null;
    const draftNumber = answer.kind === 'plan' ? draftNumberOf(folded, answer.planId) : null;
    const { key, fingerprint } = event.cause;
    const revision = before + answers.length;
    answers.push([key, { fingerprint, answer, revision, creditSystem: creditSystem ?? null, draftNumber }]);
  }
  // fromEntries and spread define keys, so that a command with the key `__proto__` is one like any other.
  return { ...folded, answers: { ...catalog.answers, ...Object.fromEntries(answers) } };
}

function applyChange(catalog: Catalog, event: CatalogEvent): Catalog {
  switch (event.type) {
    case 'CreditSystemDefined':
      return withSystem(catalog, {
        key: event.creditSystem,
        name: event.name,
        description: event.description,
        unitLabels: event.unitLabels,
        scale: event.scale,
        lateUsageGraceMs: event.lateUsageGraceMs,
      });
    case 'CreditSystemRenamed':
      return withSystem(catalog, { ...known(catalog, event), name: event.name });
    case 'CreditSystemDescribed':
      return withSystem(catalog, {
        ...known(catalog, event),
        description: event.description,
        unitLabels: event.unitLabels,
      });
    case 'LateUsageGraceChanged':
      return withSystem(catalog, { ...known(catalog, event), lateUsageGraceMs: event.lateUsageGraceMs });
    case 'PlanDraftSaved': {
      const versions = own(catalog.plans, event.planId)?.versions ?? [];
      const draftNumber = draftNumberOf(catalog, event.planId) + 1;
      return withPlan(catalog, { id: event.planId, draft: planTerms(event), draftNumber, versions });
    }
    case 'PlanPublished': {
      const history = own(catalog.plans, event.planId);
      const version: Plan = { id: event.planId, version: event.version, ...planTerms(event) };
      return withPlan(catalog, {
        id: event.planId,
        draft: history?.draft ?? planTerms(event),
        draftNumber: draftNumberOf(catalog, event.planId),
        versions: [...(history?.versions ?? []), version],
      });
    }
    case 'CatalogLeftUnchanged':
      return catalog;
  }
}

/** What the command that caused this event answers. */
export function answerOf(event: CatalogEvent): CatalogAnswer {
  switch (event.type) {
    case 'PlanDraftSaved':
      return { kind: 'plan', planId: event.planId, version: null };
    case 'PlanPublished':
      return { kind: 'plan', planId: event.planId, version: event.version };
    case 'CatalogLeftUnchanged':
      return event.answer;
    case 'CreditSystemDefined':
    case 'CreditSystemRenamed':
    case 'CreditSystemDescribed':
    case 'LateUsageGraceChanged':
      return { kind: 'creditSystem', creditSystem: event.creditSystem };
  }
}

function withSystem(catalog: Catalog, system: CreditSystem): Catalog {
  const { order } = catalog;
  return {
    ...catalog,
    creditSystems: { ...catalog.creditSystems, [system.key]: system },
    order: findCreditSystem(catalog, system.key) ? order : [...order, system.key],
  };
}

function withPlan(catalog: Catalog, history: PlanHistory): Catalog {
  return { ...catalog, plans: { ...catalog.plans, [history.id]: history } };
}

/** The decider never lets an event through for a credit system that is not there; if one is, the stream is broken. */
function known(
  catalog: Catalog,
  event: { readonly type: string; readonly creditSystem: string },
): CreditSystem {
  const system = findCreditSystem(catalog, event.creditSystem);
  if (!system) throw new Error(`${event.type} for the undefined credit system ${event.creditSystem}`);
  return system;
}

/** Keys come from outside: `constructor` must not find what every object inherits. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
