import type { rpc } from '#contracts';
import {
  completeDraft,
  findCreditSystem,
  type Catalog,
  type CatalogCommand,
  type DefineCreditSystem,
} from '#domain';
import { creditSystemToProto, planTermsToProto } from '#write-side';
import type { CatalogService } from './catalog-client.js';
import { requireAsRehearsed, type Answer } from './changed-meanwhile.js';
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
 * Does at the service what was rehearsed, step by step.
 * @returns what was published
 * @throws StepFailed
 */
export async function send(
  service: CatalogService,
  { steps, after }: Rehearsal,
  actor: string,
): Promise<PublishedVersions> {
  const published = new Map<string, number>();
  for (const [index, step] of steps.entries()) {
    try {
      const answer = await sendOne(service, step.command, after, actor);
      requireAsRehearsed(step, answer);
      if (answer.plan) published.set(answer.plan.id, answer.plan.version);
    } catch (error) {
      throw new StepFailed(step, steps.slice(0, index), published, error);
    }
  }
  return published;
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
    case 'PublishPlan':
      return service.publishPlan({ ...identity, planId: command.planId });
  }
}

/** With every default spelled out. */
function definition({ creditSystem = '' }: DefineCreditSystem, after: Catalog): rpc.CreditSystem {
  const system = findCreditSystem(after, creditSystem);
  if (!system) throw new Error(`the credit system ${creditSystem} was rehearsed and is not there`);
  return creditSystemToProto(system);
}
