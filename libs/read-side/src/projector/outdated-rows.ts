import { JournalCorrupt } from '#journal';
import type { AccountChange } from '#projections';
import type { ReadStore } from '#read-store';
import { latestClosings } from './latest-closings.js';
import type { Refolded, RowCache } from './row-cache.js';

/** Accounts looked through with one query. */
const PAGE = 1_000;
/** How long new events wait at most while rows are folded anew, unless a single account takes longer. */
const STEP_MS = 200;

/**
 * Folds rows anew that the store keeps in the shape of another version. An account's next event would do it as well,
 * but a quiet account may have none for months, and until then each read of it folds its whole stream.
 */
export class OutdatedRows {
  #after: string | undefined;
  #wereAll = false;

  constructor(
    private readonly readStore: ReadStore,
    private readonly rows: RowCache,
  ) {}

  /** Every account has been looked at. */
  get wereAll(): boolean {
    return this.#wereAll;
  }

  /** The next few of them, each up to the revision that it has in the store now: to be written before anything else is. */
  async next(): Promise<readonly AccountChange[]> {
    const until = performance.now() + STEP_MS;
    const changes: AccountChange[] = [];
    while (!this.#wereAll && performance.now() < until) {
      const { accounts, next } = await this.readStore.outdated(this.#after, PAGE);
      for (const { customerId, revision } of accounts) {
        changes.push(...changeOf(await this.#refold(customerId, revision), revision));
        this.#after = customerId;
        if (performance.now() >= until) return changes;
      }
      this.#after = next;
      this.#wereAll = next === undefined;
    }
    return changes;
  }

  async #refold(customerId: string, revision: number): Promise<Refolded | undefined> {
    try {
      return await this.rows.refold(customerId, revision);
    } catch (error) {
      // Whoever reads the account meets what is wrong with it: not a reason to project nothing of the others.
      if (error instanceof JournalCorrupt) return undefined;
      throw error;
    }
  }
}

/** Its transactions and ids are in the store already. None where the stream has not what the row says. */
function changeOf(refolded: Refolded | undefined, revision: number): readonly AccountChange[] {
  if (refolded?.row?.revision !== revision) return [];
  const { row, agenda, closedGrants } = refolded;
  return [{ row, agenda, closedGrants: latestClosings(closedGrants), transactions: [], ids: [] }];
}
