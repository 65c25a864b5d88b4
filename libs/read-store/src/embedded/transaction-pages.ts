import type { Database } from 'better-sqlite3';
import type { TransactionRow } from '#projections';
import type { TransactionFilter, TransactionPage } from '../port.js';
import { toStorableText } from '../storable-text.js';
import {
  filtersTime,
  revisionRanges,
  timeRangeOf,
  type RevisionRange,
  type TimeRange,
} from '../time-span.js';
import { filtersGroups, groupMatches } from '../transaction-group.js';
import { toTransactionRow, type StoredTransaction } from './stored-transaction.js';
import type { TransactionGroups } from './transaction-groups.js';

export interface TransactionPages {
  page(filter: TransactionFilter, pageSize: number, before?: number): TransactionPage;
  one(customerId: string, revision: number): TransactionRow | undefined;
}

/** An account's transactions, newest first, by one index whatever the filter (see transaction-group.ts). */
export function transactionPages(db: Database, groups: TransactionGroups): TransactionPages {
  const findAccount = db.prepare<[string], { account_id: number; revision: number }>(
    'SELECT account_id, revision FROM accounts WHERE customer_id = ?',
  );
  // Hops from group to group along the index, instead of reading all of it.
  const groupsOfAccount = db
    .prepare<[{ account: number }], number>(
      `WITH RECURSIVE hop (id) AS (
         SELECT min(group_id) FROM transactions WHERE account_id = @account
         UNION ALL
         SELECT (SELECT min(group_id) FROM transactions WHERE account_id = @account AND group_id > hop.id)
         FROM hop WHERE hop.id IS NOT NULL)
       SELECT id FROM hop WHERE id IS NOT NULL`,
    )
    .pluck();
  const stretches = db
    .prepare<[number, number, number], number>(
      'SELECT stretch FROM transaction_spans WHERE account_id = ? AND latest >= ? AND earliest <= ?',
    )
    .pluck();
  const newest = db.prepare<[number, number, number, number, number, number], StoredTransaction>(
    `SELECT * FROM transactions
     WHERE account_id = ? AND revision >= ? AND revision < ? AND occurred_at BETWEEN ? AND ?
     ORDER BY revision DESC LIMIT ?`,
  );
  const newestOfGroup = db
    .prepare<[number, number, number, number, number, number, number], number>(
      `SELECT revision FROM transactions INDEXED BY transactions_by_group
       WHERE account_id = ? AND group_id = ? AND revision >= ? AND revision < ? AND occurred_at BETWEEN ? AND ?
       ORDER BY revision DESC LIMIT ?`,
    )
    .pluck();
  const byRevision = db.prepare<[number, number], StoredTransaction>(
    'SELECT * FROM transactions WHERE account_id = ? AND revision = ?',
  );

  const inRange = (
    account: number,
    groupIds: readonly number[] | undefined,
    { from, before }: RevisionRange,
    { first, last }: TimeRange,
    limit: number,
  ): readonly StoredTransaction[] => {
    if (!groupIds) return newest.all(account, from, before, first, last, limit);
    return groupIds
      .flatMap((group) => newestOfGroup.all(account, group, from, before, first, last, limit))
      .sort((a, b) => b - a)
      .slice(0, limit)
      .flatMap((revision) => byRevision.get(account, revision) ?? []);
  };

  const matchingGroups = (filter: TransactionFilter, account: number): readonly number[] | undefined => {
    if (!filtersGroups(filter)) return undefined;
    const all = groupsOfAccount.all({ account });
    const matching = all.filter((id) => groupMatches(filter, groups.byId(id)));
    // A filter that lets everything pass is none.
    return matching.length === all.length ? undefined : matching;
  };

  return {
    page(filter, pageSize, before = Infinity) {
      const account = findAccount.get(toStorableText(filter.customerId));
      if (!account) return { rows: [], next: undefined };
      const { account_id: id } = account;
      // Nothing newer than the account as it was found: what is committed meanwhile belongs to no page of this.
      const end = Math.min(before, account.revision + 1);
      const time = timeRangeOf(filter);
      const groupIds = matchingGroups(filter, id);
      const ranges = filtersTime(filter)
        ? revisionRanges(stretches.all(id, time.first, time.last), end)
        : [{ from: 0, before: end }];
      const found: StoredTransaction[] = [];
      for (const range of ranges) {
        found.push(...inRange(id, groupIds, range, time, pageSize + 1 - found.length));
        if (found.length > pageSize) break;
      }
      const rows = found
        .slice(0, pageSize)
        .map((stored) => toTransactionRow(filter.customerId, groups.byId(stored.group_id), stored));
      return { rows, next: found.length > pageSize ? rows.at(-1)?.revision : undefined };
    },
    one(customerId, revision) {
      const account = findAccount.get(toStorableText(customerId));
      const stored = account && byRevision.get(account.account_id, revision);
      return stored && toTransactionRow(customerId, groups.byId(stored.group_id), stored);
    },
  };
}
