import { characterCount, isLongerThan } from '../characters.js';
import { rejection, rejectionForFaults, type Fault, type Rejection } from '../rejection.js';
import type { CatalogCommand, PublishPlan, SavePlanDraft } from './commands.js';
import { completeDraft } from './complete-draft.js';
import { changeGrace, define, describe, rename } from './decide-credit-system.js';
import type { CatalogContext, CatalogDecision, CatalogVerdict } from './decision.js';
import type { CatalogEvent, CatalogFact } from './events.js';
import type { PlanTerms } from './plan.js';
import { planFaults } from './plan-faults.js';
import { answerOf, draftNumberOf, findAnswer, findPlan, findPlanHistory, type Catalog } from './state.js';

/** Decides one command on the catalog. Refusals are values; nothing throws for bad input. */
export function decideCatalog(
  state: Catalog,
  command: CatalogCommand,
  context: CatalogContext,
): CatalogDecision {
  const unusable = keyFault(command.key);
  if (unusable) return rejectionForFaults('COMMAND_MALFORMED', 'idempotency key', [unusable]);
  const before = findAnswer(state, command.key);
  if (before?.fingerprint === command.fingerprint) return { kind: 'duplicate', answer: before.answer };
  if (before) {
    return rejection('IDEMPOTENCY_KEY_REUSED', `key ${command.key} was used for another command before`);
  }
  const fact = factOf(command, context);
  const verdict = judge(state, command, fact);
  if ('type' in verdict) return { kind: 'decided', events: [verdict], answer: answerOf(verdict) };
  if (verdict.kind === 'rejected') return verdict;
  const unchanged: CatalogEvent = { type: 'CatalogLeftUnchanged', answer: verdict, ...fact };
  return { kind: 'decided', events: [unchanged], answer: verdict };
}

function judge(state: Catalog, command: CatalogCommand, fact: CatalogFact): CatalogVerdict {
  switch (command.type) {
    case 'DefineCreditSystem':
      return define(state, command, fact);
    case 'RenameCreditSystem':
      return rename(state, command, fact);
    case 'DescribeCreditSystem':
      return describe(state, command, fact);
    case 'ChangeLateUsageGrace':
      return changeGrace(state, command, fact);
    case 'SavePlanDraft':
      return saveDraft(state, command, fact);
    case 'PublishPlan':
      return publish(state, command, fact);
  }
}

function saveDraft(state: Catalog, command: SavePlanDraft, fact: CatalogFact): CatalogVerdict {
  const { planId, draft } = command;
  const terms = completeDraft(draft);
  const faults = planFaults(planId, terms, state);
  if (faults.length > 0)
    return rejectionForFaults('PLAN_INVALID', `draft of plan ${planId.slice(0, 64)}`, faults);
  const unexpected = unexpectedDraft(state, command);
  if (unexpected) return unexpected;
  const history = findPlanHistory(state, planId);
  if (history && sameTerms(history.draft, terms)) return { kind: 'plan', planId, version: null };
  return { type: 'PlanDraftSaved', planId, ...terms, ...fact };
}

function publish(state: Catalog, command: PublishPlan, fact: CatalogFact): CatalogVerdict {
  const { planId } = command;
  const history = findPlanHistory(state, planId);
  if (!history) return rejection('PLAN_UNKNOWN', `no plan ${planId.slice(0, 64)}: save a draft of it first`);
  const unexpected = unexpectedDraft(state, command);
  if (unexpected) return unexpected;
  const latest = findPlan(state, planId);
  if (latest && sameTerms(latest, history.draft)) return { kind: 'plan', planId, version: latest.version };
  // The draft was judged when it was saved, and nothing that it names can have gone since.
  return { type: 'PlanPublished', planId, version: history.versions.length + 1, ...history.draft, ...fact };
}

/** Nobody replaces or publishes a draft that he has not seen, if he says which one he has. */
function unexpectedDraft(
  state: Catalog,
  { planId, expectedDraftNumber: expected }: SavePlanDraft | PublishPlan,
): Rejection | undefined {
  const found = draftNumberOf(state, planId);
  if (expected === undefined || expected === found) return undefined;
  const there = found === 0 ? 'no draft yet' : `draft ${found}`;
  const wanted = expected === 0 ? 'none' : `draft ${expected}`;
  return rejection('DRAFT_CHANGED', `plan ${planId} has ${there}, and ${wanted} was expected`, {
    numbers: { expected: String(expected), found: String(found) },
  });
}

/**
 * Whether two plans say the same. Completing puts the fields in one order, so that equal terms have equal texts,
 * wherever they were stored.
 */
export function sameTerms(a: PlanTerms, b: PlanTerms): boolean {
  return JSON.stringify(completeDraft(a)) === JSON.stringify(completeDraft(b));
}

function factOf({ key, fingerprint, actor }: CatalogCommand, { now }: CatalogContext): CatalogFact {
  const cause = { kind: 'command' as const, key, fingerprint, ...(actor === undefined ? {} : { actor }) };
  return { cause, occurredAt: now, recordedAt: now };
}

function keyFault(key: string): Fault | undefined {
  if (key !== '' && !isLongerThan(key, 256)) return undefined;
  return { path: 'idempotencyKey', message: `1 to 256 characters, not ${characterCount(key)}` };
}
