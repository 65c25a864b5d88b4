import type { rpc } from '#contracts';
import {
  completeDraft,
  findCreditSystem,
  listPlanHistories,
  type Catalog,
  type CatalogCommand,
  type DefineCreditSystem,
} from '#domain';
import { creditSystemToProto, planTermsToProto } from '#write-side';
import type { CatalogService } from './catalog-client.js';
import { inPlainWords, requireAsRehearsed, type Answer } from './changed-meanwhile.js';
import type { Rehearsal, Step } from './rehearsal.js';
import type { PublishedVersions } from './report.js';

/** A step failed, or came to something else than was rehearsed (`cause`); those behind it were not tried. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  constructor(
    readonly step: Step,
    /** The steps before it, all of which succeeded. */
    readonly done: readonly Step[],
    /** By those steps. */
    readonly published: PublishedVersions,
    override readonly cause: unknown,
  ) {
    super(`${step.entry}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/**
 * Does at the service what was rehearsed, step by step. Of each plan it publishes the draft that it has saved, or found
 * when it was rehearsed, and none that somebody else has saved since.
 * @returns what was published
 * @throws StepFailed
 */
export async function send(
  service: CatalogService,
  { before, steps, after }: Rehearsal,
  actor: string,
): Promise<PublishedVersions> {
  const published = new Map<string, number>();
  const drafts = new Map(listPlanHistories(before).map(({ id, draftNumber }) => [id, draftNumber]));
  for (const [index, step] of steps.entries()) {
    try {
      const answer = await sendOne(service, ofDraft(step.command, drafts), after, actor);
      requireAsRehearsed(step, answer);
      if (answer.draft && answer.draftNumber !== undefined) drafts.set(answer.draft.id, answer.draftNumber);
      if (answer.plan) published.set(answer.plan.id, answer.plan.version);
    } catch (error) {
      throw new StepFailed(step, steps.slice(0, index), published, inPlainWords(step, error));
    }
  }
  return published;
}

function ofDraft(command: CatalogCommand, drafts: ReadonlyMap<string, number>): CatalogCommand {
  if (command.type !== 'PublishPlan') return command;
  return { ...command, expectedDraftNumber: drafts.get(command.planId) };
}

function sendOne(
  service: CatalogService,
  command: CatalogCommand,
  after: Catalog,
  actor: string,
): Promise<Answer> {
  const identity = { idempotencyKey: command.key, actor };
  switch (command.type) {
    case 'DefineCreditSystem':
      return service.defineCreditSystem({ ...identity, ...definition(command, after) });
    case 'RenameCreditSystem':
      return service.renameCreditSystem({ ...identity, key: command.creditSystem, name: command.name });
    case 'DescribeCreditSystem':
      return service.describeCreditSystem({
        ...identity,
        key: command.creditSystem,
        description: command.description ?? '',
        unitSingular: command.unitLabels?.singular ?? '',
        unitPlural: command.unitLabels?.plural ?? '',
      });
    case 'ChangeLateUsageGrace': {
      const { creditSystem: key, lateUsageGraceMs } = command;
      return service.changeLateUsageGrace({ ...identity, key, lateUsageGraceMs });
    }
    case 'SavePlanDraft': {
      const terms = planTermsToProto(completeDraft(command.draft));
      return service.savePlanDraft({ ...identity, planId: command.planId, terms });
    }
    case 'PublishPlan': {
      const { planId, expectedDraftNumber } = command;
      return service.publishPlan({ ...identity, planId, expectedDraftNumber });
    }
  }
}

/** With every default spelled out. */
function definition({ creditSystem = '' }: DefineCreditSystem, after: Catalog): rpc.CreditSystem {
  const system = findCreditSystem(after, creditSystem);
  if (!system) throw new Error(`the credit system ${creditSystem} was rehearsed and is not there`);
  return creditSystemToProto(system);
}
