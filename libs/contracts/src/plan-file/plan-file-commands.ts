import {
  completeDraft,
  DEFAULT_LATE_USAGE_GRACE_MS,
  DEFAULT_UNIT_LABELS,
  descriptionOf,
  findCreditSystem,
  findPlan,
  findPlanHistory,
  type Catalog,
  type CatalogCommand,
  type CreditSystem,
} from '#domain';
import { fingerprintOf, type JsonValue } from '../fingerprint.js';
import { namesInOrder } from './names-in-order.js';
import type { CreditSystemEntry, PlanEntry, PlanFile } from './read-plan-file.js';
import type { Wanted } from './wanted.js';

/**
 * The commands that make the catalog say what the file says, in the order in which they have to be executed;
 * none when it says so already. `run` identifies this application of the file: sent again with the same `run`,
 * the commands are the same commands. (A file applied again next year is another run: its keys must not find
 * this year's answers.)
 */
export function planFileCommands(
  file: PlanFile,
  catalog: Catalog,
  run: string,
  actor?: string,
): readonly CatalogCommand[] {
  const wanted = [
    ...namesInOrder(
      file.creditSystems.map((entry) => ({
        creditSystem: entry.key,
        name: entry.name,
        commands: creditSystemCommands(entry, catalog),
      })),
      catalog,
    ),
    ...file.plans.flatMap((entry) => planCommands(entry, catalog)),
  ];
  return wanted.map((command, index) => ({
    ...command,
    key: `${run}/${index}`,
    fingerprint: fingerprintOf(JSON.parse(JSON.stringify(command)) as JsonValue),
    ...(actor === undefined ? {} : { actor }),
  }));
}

function creditSystemCommands(entry: CreditSystemEntry, catalog: Catalog): readonly Wanted[] {
  const { key, name, unitLabels, scale } = entry;
  const there = findCreditSystem(catalog, key);
  const lateUsageGraceMs = entry.lateUsageGrace;
  const description = descriptionOf(entry.description);
  // A scale never changes: defining the system again lets the domain say so.
  if (!there || (scale !== undefined && scale !== there.scale)) {
    return [
      {
        type: 'DefineCreditSystem',
        creditSystem: key,
        name,
        description,
        unitLabels,
        scale,
        lateUsageGraceMs,
      },
    ];
  }
  return changesOf(there, {
    name,
    description,
    unitLabels: unitLabels ?? DEFAULT_UNIT_LABELS,
    lateUsageGraceMs: lateUsageGraceMs ?? DEFAULT_LATE_USAGE_GRACE_MS,
  });
}

function changesOf(there: CreditSystem, wanted: Omit<CreditSystem, 'key' | 'scale'>): readonly Wanted[] {
  const creditSystem = there.key;
  const { name, description, unitLabels, lateUsageGraceMs } = wanted;
  const changes: Wanted[] = [];
  if (there.name !== name) changes.push({ type: 'RenameCreditSystem', creditSystem, name });
  if (
    there.description !== description ||
    there.unitLabels.singular !== unitLabels.singular ||
    there.unitLabels.plural !== unitLabels.plural
  ) {
    changes.push({ type: 'DescribeCreditSystem', creditSystem, description, unitLabels });
  }
  if (there.lateUsageGraceMs !== lateUsageGraceMs) {
    changes.push({ type: 'ChangeLateUsageGrace', creditSystem, lateUsageGraceMs });
  }
  return changes;
}

function planCommands({ id, publish, draft }: PlanEntry, catalog: Catalog): readonly Wanted[] {
  const wanted = JSON.stringify(completeDraft(draft));
  const history = findPlanHistory(catalog, id);
  const latest = findPlan(catalog, id);
  const commands: Wanted[] = [];
  if (!history || JSON.stringify(completeDraft(history.draft)) !== wanted) {
    commands.push({ type: 'SavePlanDraft', planId: id, draft });
  }
  if (publish && (!latest || JSON.stringify(completeDraft(latest)) !== wanted)) {
    commands.push({ type: 'PublishPlan', planId: id });
  }
  return commands;
}
