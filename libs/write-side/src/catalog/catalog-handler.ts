import pLimit from 'p-limit';
import {
  decideCatalog,
  findAnswer,
  rejection,
  type AnsweredCommand,
  type Catalog,
  type CatalogCommand,
  type Rejection,
} from '#domain';
import { AppendTooLarge, WrongExpectedRevision } from '#event-store';
import type { LiveCatalog } from '#journal';
import type { Clock } from '#platform';
import { ConflictRetriesUsedUp } from '../account/outcome.js';
import { backOff } from '../account/back-off.js';

const MAX_CONFLICTS = 30;

export interface CatalogOutcome {
  readonly kind: 'applied';
  /** How the command was answered, the first time that it came. */
  readonly answered: AnsweredCommand;
  /** The catalog as it stands now. */
  readonly catalog: Catalog;
  /** The command was answered before: nothing was appended. */
  readonly duplicate: boolean;
}

/** Executes commands on the catalog's one stream, one at a time per process. */
export class CatalogHandler {
  readonly #oneAtATime = pLimit(1);

  constructor(
    private readonly catalog: LiveCatalog,
    private readonly clock: Clock,
  ) {}

  execute(command: CatalogCommand): Promise<CatalogOutcome | Rejection> {
    return this.#oneAtATime(() => this.#execute(command));
  }

  async #execute(command: CatalogCommand): Promise<CatalogOutcome | Rejection> {
    for (let conflicts = 0; conflicts <= MAX_CONFLICTS; conflicts++) {
      // Always decided on the stream's end: the catalog is small and changes rarely.
      const state = await this.catalog.refresh();
      const decision = decideCatalog(state, command, { now: this.clock.now() });
      if (decision.kind === 'rejected') return decision;
      try {
        if (decision.kind === 'decided') await this.catalog.append(decision.events);
        const answered = findAnswer(this.catalog.current, command.key);
        if (!answered) throw new Error(`the command ${command.key} was recorded and is not there`);
        const duplicate = decision.kind === 'duplicate';
        return { kind: 'applied', answered, catalog: this.catalog.current, duplicate };
      } catch (error) {
        // Every plan fits what a store takes unless it is configured to take less.
        if (error instanceof AppendTooLarge) return tooLarge(error);
        if (!(error instanceof WrongExpectedRevision)) throw error;
        await backOff(conflicts);
      }
    }
    throw new ConflictRetriesUsedUp('catalog', MAX_CONFLICTS);
  }
}

function tooLarge({ bytes, limitBytes }: AppendTooLarge): Rejection {
  return rejection(
    'COMMAND_MALFORMED',
    `too much at once: it takes ${bytes} bytes, and the event store takes at most ${limitBytes} bytes`,
  );
}
