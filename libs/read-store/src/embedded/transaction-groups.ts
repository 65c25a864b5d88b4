import type { Database } from 'better-sqlite3';
import type { TransactionRow, TransactionType } from '#projections';
import { fromStorableText, toStorableText } from '../storable-text.js';
import { groupKey, sourceMask, sourcesOf, type TransactionGroup } from '../transaction-group.js';

interface StoredGroup {
  readonly group_id: number;
  readonly credit_system: string;
  readonly type: TransactionType;
  readonly touched: number;
  readonly feature: string | null;
}

export interface TransactionGroups {
  byId(id: number): TransactionGroup;
  /** Numbers a group that is new. Within a write transaction; `forget` when it fails. */
  idOf(row: TransactionRow): number;
  /** What was learned within a transaction that failed is not true. */
  forget(): void;
}

/** The dictionary of transaction groups, remembered once seen: a group never changes. */
export function transactionGroups(db: Database): TransactionGroups {
  const byId = new Map<number, TransactionGroup>();
  const byKey = new Map<string, number>();
  const all = db.prepare<[], StoredGroup>('SELECT * FROM transaction_groups');
  const insert = db.prepare<[string, string, number, string | null]>(
    'INSERT INTO transaction_groups (credit_system, type, touched, feature) VALUES (?, ?, ?, ?)',
  );
  const learn = (): void => {
    for (const stored of all.iterate()) {
      if (byId.has(stored.group_id)) continue;
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
    byId(id) {
      if (!byId.has(id)) learn();
      const group = byId.get(id);
      if (!group) throw new Error(`transaction group ${id} is missing from the read store`);
      return group;
    },
    idOf(row) {
      const key = groupKey(row);
      if (!byKey.has(key)) learn();
      const known = byKey.get(key);
      if (known !== undefined) return known;
      const { creditSystem, type, touched, feature } = row;
      const { lastInsertRowid } = insert.run(
        toStorableText(creditSystem),
        type,
        sourceMask(touched),
        feature === null ? null : toStorableText(feature),
      );
      const id = Number(lastInsertRowid);
      byId.set(id, { creditSystem, type, touched, feature });
      byKey.set(key, id);
      return id;
    },
    forget() {
      byId.clear();
      byKey.clear();
    },
  };
}
