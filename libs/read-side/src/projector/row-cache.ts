import { LRUCache } from 'lru-cache';
import type { EventStore } from '#event-store';
import { readAccount } from '#journal';
import {
  accountWeight,
  ORDINARY_WEIGHT,
  type AccountChange,
  type AccountRow,
  type AgendaItem,
  type ClosedGrantRow,
} from '#projections';
import type { ReadStore } from '#read-store';
import { projectJournaled } from './project-journaled.js';

/** An account as its stream says, up to a revision. */
export interface Refolded {
  /** Undefined: there is no event. */
  readonly row: AccountRow | undefined;
  readonly agenda: readonly AgendaItem[];
  /** In the order in which they closed; one that closed again stands there again. */
  readonly closedGrants: readonly ClosedGrantRow[];
}

/** Unless told otherwise. */
export const ROWS_IN_MEMORY = 20_000;

/** The account rows a projector folds into: as they will stand in the read store once everything is written. */
export class RowCache {
  readonly #written: LRUCache<string, AccountRow>;
  /** Rows of a batch on its way to the store: they may have no place among the written ones, and must be found. */
  #onTheWay: ReadonlyMap<string, AccountRow> = new Map();

  constructor(
    private readonly readStore: ReadStore,
    private readonly eventStore: EventStore,
    /** Rows in memory, as long as they are ordinary ones. */
    size: number,
  ) {
    this.#written = new LRUCache({
      max: size,
      // Fewer of them where accounts have many grants.
      maxSize: size * ORDINARY_WEIGHT,
      sizeCalculation: ({ state }) => accountWeight(state),
    });
  }

  /** The rows of these customers, with one query for those not in memory; an account without a row is left out. */
  async load(customerIds: readonly string[]): Promise<Map<string, AccountRow>> {
    const rows = new Map<string, AccountRow>();
    const missing: string[] = [];
    for (const customerId of customerIds) {
      const row = this.#onTheWay.get(customerId) ?? this.#written.get(customerId);
      if (row) rows.set(customerId, row);
      else missing.push(customerId);
    }
    if (missing.length > 0) {
      for (const [customerId, row] of await this.readStore.accounts(missing)) rows.set(customerId, row);
    }
    return rows;
  }

  /**
   * Folds an account's row anew from its stream, up to and including a revision: for a row that the store keeps
   * in the shape of another version. So are the grants that closed by then; its transactions and ids are in the
   * store already, in a shape that no version changes.
   */
  async refold(customerId: string, through: number): Promise<Refolded> {
    let row: AccountRow | undefined;
    let agenda: readonly AgendaItem[] = [];
    const closedGrants: ClosedGrantRow[] = [];
    for await (const batch of readAccount(this.eventStore, customerId, 0, through + 1)) {
      const change = projectJournaled(customerId, row, batch);
      ({ row, agenda } = change);
      closedGrants.push(...change.closedGrants);
    }
    return { row, agenda, closedGrants };
  }

  /** Before the batch is written. */
  keep(changes: readonly AccountChange[]): void {
    this.#onTheWay = new Map(changes.map(({ row }) => [row.customerId, row]));
    for (const { row } of changes) this.#written.set(row.customerId, row);
  }

  /** Nothing in memory can be relied on: the store may be ahead of it or behind. */
  clear(): void {
    this.#written.clear();
    this.#onTheWay = new Map();
  }
}
