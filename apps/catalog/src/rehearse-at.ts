import { randomUUID } from 'node:crypto';
import type { PlanFile } from '#contracts';
import { instantFromMs } from '#domain';
import type { CatalogService } from './catalog-client.js';
import { loadCatalog } from './load-catalog.js';
import { FaultyPlanFile, type PlanSource } from './plan-source.js';
import { rehearse, type Rehearsal } from './rehearsal.js';

export interface RehearseOptions {
  /** Overrides what the file says of each plan: true publishes all of them, false none. Undefined: as it says. */
  readonly publish: boolean | undefined;
}

/** What a subcommand has to say for itself. */
export interface Outcome {
  /** Whether the catalog and the file were different. */
  readonly changed: boolean;
  /** For the terminal. */
  readonly lines: readonly string[];
}

/**
 * Finds out what applying the file to the service's catalog comes to.
 * @throws FaultyPlanFile with every fault of the file, by its place
 */
export async function rehearseAt(
  service: CatalogService,
  { file: asWritten, locate }: PlanSource,
  { publish }: RehearseOptions,
): Promise<{ readonly file: PlanFile; readonly rehearsal: Rehearsal }> {
  const file = publish === undefined ? asWritten : withPublish(asWritten, publish);
  const catalog = await loadCatalog(
    service,
    file.plans.map(({ id }) => id),
  );
  // A run of its own: keys made from the content alone would, when a plan goes from A to B and back to A, find the
  // answer of the first time and change nothing. What makes a second run harmless is that it finds no difference.
  const rehearsal = rehearse(file, catalog, `plan-file/${randomUUID()}`, instantFromMs(Date.now()));
  if (rehearsal.faults.length > 0) throw new FaultyPlanFile(rehearsal.faults.map(locate));
  return { file, rehearsal };
}

function withPublish(file: PlanFile, publish: boolean): PlanFile {
  return { ...file, plans: file.plans.map((plan) => ({ ...plan, publish })) };
}
