import { stringify } from 'yaml';
import { writePlanFile } from '#contracts';
import { sameTerms, type Catalog, type PlanHistory } from '#domain';
import type { CatalogService } from './catalog-client.js';
import { loadCatalog } from './load-catalog.js';

/** A plan was named that the catalog does not have. */
export class UnknownPlans extends Error {
  override readonly name = 'UnknownPlans';
}

export interface Exported {
  /** The plan file, as YAML. */
  readonly text: string;
  /** What the file does not say and somebody may miss. */
  readonly notes: readonly string[];
}

/**
 * The catalog as a plan file; applied to the same service it changes nothing, applied to another it makes the same
 * plans. With plan ids: those plans and the credit systems they use.
 * @param published the latest published versions instead of the drafts, which may be ahead of them
 * @throws UnknownPlans
 */
export async function exportCatalog(
  service: CatalogService,
  planIds: readonly string[],
  published: boolean,
): Promise<Exported> {
  const catalog = await loadCatalog(service, planIds.length > 0 ? planIds : undefined);
  const missing = planIds.filter((id) => !Object.hasOwn(catalog.plans, id));
  if (missing.length > 0) throw new UnknownPlans(`the catalog has no plan ${missing.join(', ')}`);
  const histories = Object.values(catalog.plans);
  const chosen = published ? histories.flatMap(latestAsDraft) : histories;
  const plans = Object.fromEntries(chosen.map((history) => [history.id, history]));
  const exported = { ...catalog, plans };
  const file = writePlanFile(planIds.length > 0 ? withUsedSystems(exported) : exported);
  return {
    text: stringify(withoutNull(file), { lineWidth: 110 }),
    notes: histories.flatMap((history) => noteOn(history, published)),
  };
}

function latestAsDraft(history: PlanHistory): PlanHistory[] {
  const latest = history.versions.at(-1);
  return latest ? [{ ...history, draft: latest }] : [];
}

function noteOn({ id, draft, versions }: PlanHistory, published: boolean): string[] {
  const latest = versions.at(-1);
  if (!latest) return published ? [`plan ${id} has only a draft: left out`] : [];
  if (published || sameTerms(latest, draft)) return [];
  return [
    `plan ${id} is exported as its draft, which differs from version ${latest.version} (--published exports that)`,
  ];
}

function withUsedSystems(catalog: Catalog): Catalog {
  const used = new Set(
    Object.values(catalog.plans).flatMap(({ draft }) =>
      draft.credits.map(({ creditSystem }) => creditSystem),
    ),
  );
  const systems = Object.entries(catalog.creditSystems).filter(([key]) => used.has(key));
  return { ...catalog, creditSystems: Object.fromEntries(systems) };
}

/** Null says what leaving out says, at the cost of a line. */
function withoutNull(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, member: unknown) => member ?? undefined);
}
