import type { TransactionRow, TransactionType } from '#projections';
import { fromStorableText, toStorableText } from '../storable-text.js';
import { groupKey, sourceMask, sourcesOf, type TransactionGroup } from '../transaction-group.js';
import type { Database, Statement } from './database.js';

interface StoredGroup {
  readonly group_id: number;
  readonly credit_system: string;
  readonly type: TransactionType;
  readonly touched: number;
  readonly feature: string | null;
}

export interface TransactionGroups {
  byIds(ids: Iterable<number>): Promise<ReadonlyMap<number, TransactionGroup>>;
  /** Numbers by group key; new groups are numbered at once, whatever becomes of the batch. */
  idsOf(rows: readonly TransactionRow[]): Promise<ReadonlyMap<string, number>>;
}

/** The dictionary of transaction groups, remembered once seen: a group never changes. */
export function transactionGroups(db: Database, schema: string): TransactionGroups {
  const all: Statement = {
    name: 'groups',
    text: `SELECT group_id, credit_system, type, touched, feature FROM ${schema}.transaction_groups`,
  };
  const insert: Statement = {
    name: 'insert-group',
    text: `INSERT INTO ${schema}.transaction_groups (credit_system, type, touched, feature, key)
           VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
  };
  const byId = new Map<number, TransactionGroup>();
  const byKey = new Map<string, number>();

  const learn = async (): Promise<void> => {
    for (const stored of await db.query<StoredGroup>(all, [])) {
      const group: TransactionGroup = {
        creditSystem: fromStorableText(stored.credit_system),
        type: stored.type,
        touched: sourcesOf(stored.touched),
        feature: stored.feature === null ? null : fromStorableText(stored.feature),
      };
      byId.set(stored.group_id, group);
      byKey.set(groupKey(group), stored.group_id);
    }
  };

  return {
    async byIds(ids) {
      for (const id of ids) {
        if (byId.has(id)) continue;
        await learn();
        if (!byId.has(id)) throw new Error(`transaction group ${id} is missing from the read store`);
      }
      return byId;
    },
    async idsOf(rows) {
      const unknown = new Map<string, TransactionRow>();
      for (const row of rows) {
        const key = groupKey(row);
        if (!byKey.has(key)) unknown.set(key, row);
      }
      if (unknown.size === 0) return byKey;
      for (const [key, { creditSystem, type, touched, feature }] of unknown) {
        await db.execute(insert, [
          toStorableText(creditSystem),
          type,
          sourceMask(touched),
          feature === null ? null : toStorableText(feature),
          toStorableText(key),
        ]);
      }
      await learn();
      return byKey;
    },
  };
}
