import type { Catalog, Plan, PlanHistory } from '#domain';
import { creditSystemFromProto, planTermsFromProto } from '#write-side';
import type { CatalogService } from './catalog-client.js';

/**
 * The catalog of a running service in the domain's own shape, so that the domain's rules can be asked here what a
 * plan file would come to. It does not know how earlier commands were answered.
 * @param planIds the plans somebody wants to know about; those that are not there are left out. Default: all
 */
export async function loadCatalog(service: CatalogService, planIds?: readonly string[]): Promise<Catalog> {
  const [{ creditSystems }, { plans }] = await Promise.all([
    service.listCreditSystems({}),
    service.listPlans({}),
  ]);
  const wanted = plans.filter(({ id }) => planIds?.includes(id) ?? true);
  const histories = await Promise.all(wanted.map(({ id }) => loadPlan(service, id)));
  return {
    creditSystems: Object.fromEntries(
      creditSystems.map((system) => [system.key, creditSystemFromProto(system)]),
    ),
    order: creditSystems.map(({ key }) => key),
    plans: Object.fromEntries(histories.map((history) => [history.id, history])),
    answers: {},
  };
}

async function loadPlan(service: CatalogService, planId: string): Promise<PlanHistory> {
  const { plan, versions, draftNumber } = await service.getPlan({ planId, version: 0 });
  const published = versions.map(async (version): Promise<Plan> => {
    const answer = await service.getPlan({ planId, version });
    return { id: planId, version, ...planTermsFromProto(answer.plan?.terms ?? null) };
  });
  return {
    id: planId,
    draft: planTermsFromProto(plan?.terms ?? null),
    draftNumber,
    versions: await Promise.all(published),
  };
}
