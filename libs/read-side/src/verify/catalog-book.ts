import {
  sameTerms,
  type CatalogEvent,
  type PlanDraftSaved,
  type PlanPublished,
  type PlanTerms,
} from '#domain';
import type { Fault } from './finding.js';

/** What is known of one plan. */
interface BookedPlan {
  draft: PlanTerms | undefined;
  version: number;
}

/** A second look at the catalog: that every event keeps to the rules by which the ledger decides. */
export class CatalogBook {
  readonly #keys = new Set<string>();
  readonly #creditSystems = new Set<string>();
  readonly #plans = new Map<string, BookedPlan>();

  book(event: CatalogEvent, fault: Fault): void {
    const { key } = event.cause;
    if (this.#keys.has(key)) fault('twice', `command ${key} was answered before`);
    this.#keys.add(key);
    switch (event.type) {
      case 'CreditSystemDefined':
        if (this.#creditSystems.has(event.creditSystem))
          fault('catalog', `credit system ${event.creditSystem} was defined before`);
        this.#creditSystems.add(event.creditSystem);
        return;
      case 'CreditSystemRenamed':
      case 'CreditSystemDescribed':
      case 'LateUsageGraceChanged':
        this.#requireSystem(event.creditSystem, fault);
        return;
      case 'PlanDraftSaved':
        this.#requireSystems(event, fault);
        this.#plan(event.planId).draft = event;
        return;
      case 'PlanPublished':
        this.#published(event, fault);
        return;
      case 'CatalogLeftUnchanged':
        if (event.answer.kind === 'creditSystem') this.#requireSystem(event.answer.creditSystem, fault);
        else if (!this.#plans.has(event.answer.planId))
          fault('catalog', `there is no plan ${event.answer.planId}`);
        return;
    }
  }

  #published(event: PlanPublished, fault: Fault): void {
    const { planId, version } = event;
    this.#requireSystems(event, fault);
    const plan = this.#plan(planId);
    if (version !== plan.version + 1) {
      const follows = plan.version === 0 ? 'no version' : `version ${plan.version}`;
      fault('catalog', `plan ${planId}: version ${version} follows ${follows}`);
    }
    plan.version = version;
    if (!plan.draft) fault('catalog', `plan ${planId}: version ${version} was published without a draft`);
    else if (!sameTerms(plan.draft, event))
      fault('catalog', `plan ${planId}: version ${version} says something else than the draft before it`);
  }

  #plan(planId: string): BookedPlan {
    const known = this.#plans.get(planId) ?? { draft: undefined, version: 0 };
    this.#plans.set(planId, known);
    return known;
  }

  #requireSystems({ credits, features }: PlanDraftSaved | PlanPublished, fault: Fault): void {
    const named = new Set([...credits, ...features].map(({ creditSystem }) => creditSystem));
    for (const creditSystem of named) this.#requireSystem(creditSystem, fault);
  }

  #requireSystem(creditSystem: string, fault: Fault): void {
    if (!this.#creditSystems.has(creditSystem))
      fault('catalog', `credit system ${creditSystem} was never defined`);
  }
}
