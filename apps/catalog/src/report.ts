import type { PlanFile } from '#contracts';
import {
  findCreditSystem,
  findPlan,
  findPlanHistory,
  planTerms,
  type Catalog,
  type PlanTerms,
} from '#domain';
import { differences } from './differences.js';
import type { Rehearsal } from './rehearsal.js';

/** Versions that plans were published as, by their ids. */
export type PublishedVersions = ReadonlyMap<string, number>;

/**
 * What a plan file changes, entry by entry: `+` is new, `~` changes (and how), `=` stays as it is. The same lines
 * tell what would be (`diff`) and what was done (`apply`).
 * @param published where the service has been asked: the versions may be others than those that were rehearsed
 */
export function report(
  file: PlanFile,
  { before, after }: Pick<Rehearsal, 'before' | 'after'>,
  published: PublishedVersions = new Map(),
): readonly string[] {
  return [
    ...file.creditSystems.flatMap(({ key }) => creditSystemLines(key, before, after)),
    ...file.plans.flatMap(({ id, publish }) => planLines(id, publish, before, after, published.get(id))),
  ];
}

function creditSystemLines(key: string, before: Catalog, after: Catalog): readonly string[] {
  const name = `credit system ${key}`;
  const was = findCreditSystem(before, key);
  if (!was) return [`+ ${name}`];
  const changes = differences(was, findCreditSystem(after, key));
  return changes.length === 0 ? [`= ${name} unchanged`] : [`~ ${name}`, ...indented(changes)];
}

function planLines(
  id: string,
  publish: boolean,
  before: Catalog,
  after: Catalog,
  answered: number | undefined,
): readonly string[] {
  const was = findPlanHistory(before, id);
  const is = findPlanHistory(after, id);
  if (!is) return [];
  const version = publish ? (answered ?? is.versions.at(-1)?.version ?? 0) : 0;
  const now = version === 0 ? 'draft' : `version ${version}`;
  if (!was) return [`+ plan ${id}: ${now}`];
  const published = findPlan(before, id);
  const compared: PlanTerms = publish && published ? planTerms(published) : was.draft;
  const changes = differences(planTerms(compared), planTerms(is.draft));
  if (publish && published?.version !== version) return [`~ plan ${id}: ${now}`, ...indented(changes)];
  const draftChanges = differences(planTerms(was.draft), planTerms(is.draft));
  if (draftChanges.length === 0) return [`= plan ${id} unchanged (${now})`];
  return [`~ plan ${id}: draft`, ...indented(draftChanges)];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `    ${line}`);
}
