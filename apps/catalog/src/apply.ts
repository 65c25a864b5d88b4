import type { PlanFile } from '#contracts';
import { ApplyStopped } from './apply-stopped.js';
import { CallFailed, ServiceAway, type CatalogService } from './catalog-client.js';
import { ChangedMeanwhile } from './changed-meanwhile.js';
import type { PlanSource } from './plan-source.js';
import { rehearseAt, type Outcome, type RehearseOptions } from './rehearse-at.js';
import type { Rehearsal } from './rehearsal.js';
import { report } from './report.js';
import { send, StepFailed } from './send.js';

export interface ApplyOptions extends RehearseOptions {
  /** Who does it, as the events will tell. */
  readonly actor: string;
}

/**
 * Makes the catalog say what the file says. Everything is judged before anything is sent, so a file with a fault
 * changes nothing; applied again, it finds nothing to do.
 * @throws FaultyPlanFile with every fault of the file, by its place
 * @throws ApplyStopped when the service failed at one of the steps, or somebody else changed the catalog meanwhile
 */
export async function apply(
  source: PlanSource,
  service: CatalogService,
  options: ApplyOptions,
): Promise<Outcome> {
  const { file, rehearsal } = await rehearseAt(service, source, options);
  try {
    const published = await send(service, rehearsal, options.actor);
    return { changed: rehearsal.steps.length > 0, lines: report(file, rehearsal, published) };
  } catch (error) {
    if (error instanceof StepFailed && isForeseen(error.cause)) {
      throw new ApplyStopped(stopped(error, file, rehearsal, source), error.cause);
    }
    throw error;
  }
}

function isForeseen(error: unknown): error is Error {
  return error instanceof CallFailed || error instanceof ServiceAway || error instanceof ChangedMeanwhile;
}

/** Where it stopped and why, and what was applied before. */
function stopped(
  { step, done, published, cause }: StepFailed,
  file: PlanFile,
  { before }: Rehearsal,
  { locate }: PlanSource,
): readonly string[] {
  const failure = locate({ path: step.entry, message: cause instanceof Error ? cause.message : '' });
  const last = done.at(-1);
  if (!last) return [failure, 'nothing was applied before that'];
  const touched = new Set(done.map(({ entry }) => entry));
  const part: PlanFile = {
    creditSystems: file.creditSystems.filter((_, index) => touched.has(`creditSystems[${index}]`)),
    plans: file.plans.filter((_, index) => touched.has(`plans[${index}]`)),
  };
  return [failure, 'applied before that:', ...report(part, { before, after: last.after }, published)];
}
