export type {
  CatalogCommand,
  ChangeLateUsageGrace,
  DefineCreditSystem,
  DescribeCreditSystem,
  PublishPlan,
  RenameCreditSystem,
  SavePlanDraft,
} from './commands.js';
export { completeDraft } from './complete-draft.js';
export {
  DEFAULT_LATE_USAGE_GRACE_MS,
  DEFAULT_SCALE,
  DEFAULT_UNIT_LABELS,
  descriptionOf,
  keyFromName,
  sameName,
  type CreditSystem,
  type UnitLabels,
} from './credit-system.js';
export { decideCatalog, sameTerms } from './decide.js';
export type { CatalogContext, CatalogDecision } from './decision.js';
export type {
  CatalogAnswer,
  CatalogCause,
  CatalogEvent,
  CatalogFact,
  CatalogLeftUnchanged,
  CreditSystemDefined,
  CreditSystemDescribed,
  CreditSystemRenamed,
  LateUsageGraceChanged,
  PlanDraftSaved,
  PlanPublished,
} from './events.js';
export {
  DEFAULT_PRIORITY,
  planTerms,
  type IncludedCredits,
  type IncludedCreditsDraft,
  type LowCreditLimit,
  type Plan,
  type PlanCredit,
  type PlanCreditDraft,
  type PlanDraft,
  type PlanFeature,
  type PlanFeatureDraft,
  type PlanTerms,
  type PricedCredits,
  type PricedCreditsDraft,
  type RecurringPack,
  type RecurringPackDraft,
  type Rollover,
} from './plan.js';
export {
  evolveCatalog,
  featureCost,
  findAnswer,
  findCreditSystem,
  findPlan,
  findPlanHistory,
  foldCatalog,
  initialCatalog,
  listCreditSystems,
  listPlanHistories,
  type AnsweredCommand,
  type Catalog,
  type PlanHistory,
} from './state.js';
