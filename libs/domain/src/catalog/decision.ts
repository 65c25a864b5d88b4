import type { Rejection } from '../rejection.js';
import type { Instant } from '../time/index.js';
import type { CatalogAnswer, CatalogEvent } from './events.js';

/** What a decision may know besides the catalog's state. */
export interface CatalogContext {
  readonly now: Instant;
}

/** What the decider answers. `answer` says which credit system or plan version the command concerned. */
export type CatalogDecision =
  | { readonly kind: 'decided'; readonly events: readonly CatalogEvent[]; readonly answer: CatalogAnswer }
  /** The same command was answered before: nothing is appended and the first answer given again. */
  | { readonly kind: 'duplicate'; readonly answer: CatalogAnswer }
  | Rejection;

/** What a command comes to: an event, a refusal, or the answer that all is so already. */
export type CatalogVerdict = CatalogEvent | CatalogAnswer | Rejection;
