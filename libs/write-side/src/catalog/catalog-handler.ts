import pLimit from 'p-limit';
import {
  decideCatalog,
  type Catalog,
  type CatalogAnswer,
  type CatalogCommand,
  type Rejection,
} from '#domain';
import { WrongExpectedRevision } from '#event-store';
import type { LiveCatalog } from '#journal';
import type { Clock, Metrics } from '#platform';
import { ConflictRetriesUsedUp } from '../account/outcome.js';
import { backOff } from '../account/retry.js';

const MAX_CONFLICTS = 30;

export interface CatalogOutcome {
  readonly kind: 'applied';
  readonly answer: CatalogAnswer;
  /** The catalog as it stood right after. */
  readonly catalog: Catalog;
  /** The catalog stream's revision. */
  readonly revision: number;
  /** The command was answered before: nothing was appended. */
  readonly duplicate: boolean;
}

/** Executes commands on the catalog's one stream, one at a time per process. */
export class CatalogHandler {
  readonly #oneAtATime = pLimit(1);

  constructor(
    private readonly catalog: LiveCatalog,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  execute(command: CatalogCommand): Promise<CatalogOutcome | Rejection> {
    return this.#oneAtATime(() => this.#execute(command));
  }

  async #execute(command: CatalogCommand): Promise<CatalogOutcome | Rejection> {
    for (let conflicts = 0; conflicts <= MAX_CONFLICTS; conflicts++) {
      // Always decided on the stream's end: the catalog is small and changes rarely.
      const state = await this.catalog.refresh();
      const decision = decideCatalog(state, command, { now: this.clock.now() });
      if (decision.kind === 'rejected') {
        this.metrics.refusals.inc({ reason: decision.reason });
        return decision;
      }
      try {
        if (decision.kind === 'decided') await this.catalog.append(decision.events);
        return {
          kind: 'applied',
          answer: decision.answer,
          catalog: this.catalog.current,
          revision: this.catalog.revision,
          duplicate: decision.kind === 'duplicate',
        };
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        await backOff(conflicts);
      }
    }
    throw new ConflictRetriesUsedUp('catalog', MAX_CONFLICTS);
  }
}
