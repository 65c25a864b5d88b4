import type { CatalogService } from './catalog-client.js';
import type { PlanSource } from './plan-source.js';
import { rehearseAt, type Outcome, type RehearseOptions } from './rehearse-at.js';
import { report } from './report.js';
import { send } from './send.js';

export interface ApplyOptions extends RehearseOptions {
  /** Who does it, as the events will tell. */
  readonly actor: string;
}

/**
 * Makes the catalog say what the file says. Everything is judged before anything is sent, so a file with a fault
 * changes nothing; applied again, it finds nothing to do.
 * @throws FaultyPlanFile with every fault of the file, by its place
 */
export async function apply(
  source: PlanSource,
  service: CatalogService,
  options: ApplyOptions,
): Promise<Outcome> {
  const { file, rehearsal } = await rehearseAt(service, source, options);
  await send(service, rehearsal, options.actor);
  return { changed: rehearsal.steps.length > 0, lines: report(file, rehearsal) };
}
