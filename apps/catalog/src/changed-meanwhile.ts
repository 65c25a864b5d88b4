import type { rpc } from '#contracts';
import {
  findCreditSystem,
  findPlan,
  findPlanHistory,
  planTerms,
  type Catalog,
  type CatalogCommand,
} from '#domain';
import { creditSystemFromProto, planTermsFromProto } from '#write-side';
import { CallFailed } from './catalog-client.js';
import { differences } from './differences.js';
import type { Step } from './rehearsal.js';

/** Somebody else changed the same thing while the file was applied: the catalog does not say what the file says. */
export class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile';
}

/** The part of an answer to a command that says what has become of what it is about. */
export interface Answer {
  readonly creditSystem?: rpc.CreditSystem | null;
  readonly draft?: rpc.Plan | null;
  readonly draftNumber?: number;
  readonly plan?: rpc.Plan | null;
}

/** The refusal to publish a draft that was neither found nor saved here, in plain words; any other failure as it is. */
export function inPlainWords({ command }: Step, failure: unknown): unknown {
  if (!(failure instanceof CallFailed) || failure.reason !== 'DRAFT_CHANGED' || !('planId' in command)) {
    return failure;
  }
  return new ChangedMeanwhile(
    `somebody else saved another draft of plan ${command.planId} meanwhile, so what the file says was not published: ` +
      `${failure.message} (apply the file again to have it so)`,
  );
}

/**
 * Which version a plan has got is no matter: somebody else may have published one before it.
 * @throws ChangedMeanwhile when the service did something else than was rehearsed
 */
export function requireAsRehearsed({ command, after }: Step, answer: Answer): void {
  const changes = differences(rehearsed(command, after), answered(answer));
  if (changes.length === 0) return;
  const what = 'planId' in command ? `plan ${command.planId}` : `credit system ${command.creditSystem ?? ''}`;
  throw new ChangedMeanwhile(
    `somebody else changed ${what} meanwhile, and after ${command.type} it does not say what the file says: ` +
      `${changes.join('; ')} (apply the file again to have it so)`,
  );
}

function rehearsed(command: CatalogCommand, after: Catalog): unknown {
  if (!('planId' in command)) return findCreditSystem(after, command.creditSystem ?? '');
  const { planId } = command;
  const terms =
    command.type === 'PublishPlan' ? findPlan(after, planId) : findPlanHistory(after, planId)?.draft;
  return terms && { id: planId, ...planTerms(terms) };
}

function answered({ creditSystem, draft, plan = draft }: Answer): unknown {
  if (creditSystem) return creditSystemFromProto(creditSystem);
  return plan && { id: plan.id, ...planTermsFromProto(plan.terms) };
}
