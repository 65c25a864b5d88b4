import type { CatalogService } from './catalog-client.js';
import type { PlanSource } from './plan-source.js';
import { rehearseAt, type Outcome, type RehearseOptions } from './rehearse-at.js';
import { report } from './report.js';

/**
 * What applying the file would change; changes nothing.
 * @throws FaultyPlanFile with every fault of the file, by its place
 */
export async function diff(
  source: PlanSource,
  service: CatalogService,
  options: RehearseOptions,
): Promise<Outcome> {
  const { file, rehearsal } = await rehearseAt(service, source, options);
  return { changed: rehearsal.steps.length > 0, lines: report(file, rehearsal) };
}
