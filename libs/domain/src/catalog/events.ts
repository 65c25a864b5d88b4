import type { Instant } from '../time/index.js';
import type { UnitLabels } from './credit-system.js';
import type { PlanTerms } from './plan.js';

/** Who asked for it; the key is chosen by the sender and remembered for ever, with a hash of the content. */
export interface CatalogCause {
  readonly kind: 'command';
  readonly key: string;
  readonly fingerprint: string;
  readonly actor?: string;
}

/** What every event of the catalog says. */
export interface CatalogFact {
  readonly cause: CatalogCause;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
}

export interface CreditSystemDefined extends CatalogFact {
  readonly type: 'CreditSystemDefined';
  readonly creditSystem: string;
  readonly name: string;
  readonly description: string | null;
  readonly unitLabels: UnitLabels;
  readonly scale: number;
  readonly lateUsageGraceMs: number;
}

export interface CreditSystemRenamed extends CatalogFact {
  readonly type: 'CreditSystemRenamed';
  readonly creditSystem: string;
  readonly name: string;
  readonly formerName: string;
}

export interface CreditSystemDescribed extends CatalogFact {
  readonly type: 'CreditSystemDescribed';
  readonly creditSystem: string;
  readonly description: string | null;
  readonly unitLabels: UnitLabels;
}

export interface LateUsageGraceChanged extends CatalogFact {
  readonly type: 'LateUsageGraceChanged';
  readonly creditSystem: string;
  readonly lateUsageGraceMs: number;
}

/** The draft replaces the one before it; published versions are untouched. */
export interface PlanDraftSaved extends CatalogFact, PlanTerms {
  readonly type: 'PlanDraftSaved';
  readonly planId: string;
}

/** The draft as it stood became a version of its own, for good. */
export interface PlanPublished extends CatalogFact, PlanTerms {
  readonly type: 'PlanPublished';
  readonly planId: string;
  readonly version: number;
}

/**
 * A command asked for what was so already. Recorded only so that its key is remembered: the same command sent
 * again next year must get this answer, even if the catalog has changed by then.
 */
export interface CatalogLeftUnchanged extends CatalogFact {
  readonly type: 'CatalogLeftUnchanged';
  readonly answer: CatalogAnswer;
}

/** What a command answers: which credit system or plan it concerns; `version` is null for a draft. */
export type CatalogAnswer =
  | { readonly kind: 'creditSystem'; readonly creditSystem: string }
  | { readonly kind: 'plan'; readonly planId: string; readonly version: number | null };

export type CatalogEvent =
  | CreditSystemDefined
  | CreditSystemRenamed
  | CreditSystemDescribed
  | LateUsageGraceChanged
  | PlanDraftSaved
  | PlanPublished
  | CatalogLeftUnchanged;
