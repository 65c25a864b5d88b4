import type { UnitLabels } from './credit-system.js';
import type { PlanDraft } from './plan.js';

/** Identity of a command, chosen by its sender and remembered for ever. */
interface CatalogCommandIdentity {
  readonly key: string;
  /** Hash of the command's content: the same key with another one is a conflict. */
  readonly fingerprint: string;
  readonly actor?: string;
}

export interface DefineCreditSystem extends CatalogCommandIdentity {
  readonly type: 'DefineCreditSystem';
  /** Its key. Default: derived from the name (`AI Tokens` → `ai-tokens`). */
  readonly creditSystem?: string | undefined;
  readonly name: string;
  readonly description?: string | null | undefined;
  /** Default credit / credits. */
  readonly unitLabels?: UnitLabels | undefined;
  /** Default 6. */
  readonly scale?: number | undefined;
  /** Default one hour. */
  readonly lateUsageGraceMs?: number | undefined;
}

export interface RenameCreditSystem extends CatalogCommandIdentity {
  readonly type: 'RenameCreditSystem';
  readonly creditSystem: string;
  readonly name: string;
}

/** What is left out stays as it is; `description: null`, or an empty one, takes it away. */
export interface DescribeCreditSystem extends CatalogCommandIdentity {
  readonly type: 'DescribeCreditSystem';
  readonly creditSystem: string;
  readonly description?: string | null | undefined;
  readonly unitLabels?: UnitLabels | undefined;
}

export interface ChangeLateUsageGrace extends CatalogCommandIdentity {
  readonly type: 'ChangeLateUsageGrace';
  readonly creditSystem: string;
  readonly lateUsageGraceMs: number;
}

/** Which draft its sender has seen. Left out: whichever there is will do. */
interface AboutDraft {
  /** The plan's `draftNumber`; 0: it has no draft yet. */
  readonly expectedDraftNumber?: number | undefined;
}

/** Replaces the plan's draft; the first draft creates the plan. */
export interface SavePlanDraft extends CatalogCommandIdentity, AboutDraft {
  readonly type: 'SavePlanDraft';
  readonly planId: string;
  readonly draft: PlanDraft;
}

/** Makes the draft the next version, unless the latest version says just that already. */
export interface PublishPlan extends CatalogCommandIdentity, AboutDraft {
  readonly type: 'PublishPlan';
  readonly planId: string;
}

export type CatalogCommand =
  | DefineCreditSystem
  | RenameCreditSystem
  | DescribeCreditSystem
  | ChangeLateUsageGrace
  | SavePlanDraft
  | PublishPlan;
