import type { Database } from 'better-sqlite3';
import type { ToldTransaction } from '#projections';
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
import { decodeTransactions, toToldTransaction, type StoredTransaction } from './stored-transaction.js';
import type { TransactionGroups } from './transaction-groups.js';

export interface TransactionPages {
  page(filter: TransactionFilter, pageSize: number, before?: number): TransactionPage;
  one(customerId: string, revision: number): ToldTransaction | undefined;
}

interface WantedGroups {
  passes(group: number): boolean;
  all(): readonly number[];
}

/** Everything found, as one JSON text: a value from SQLite to here for a page, not four of each of its rows. */
const ALL_AS_TEXT = `'[' || coalesce(group_concat(content), '') || ']'`;

function listed(text = '[]'): readonly StoredTransaction[] {
  return decodeTransactions(text);
}

/** Hops from group to group of an account along the index, instead of reading all of it. */
const GROUPS_OF_ACCOUNT = `
  WITH RECURSIVE groups (id) AS (
    SELECT min(group_id) FROM transactions WHERE account_id = @account
    UNION ALL
    SELECT (SELECT min(group_id) FROM transactions WHERE account_id = @account AND group_id > groups.id)
    FROM groups WHERE id IS NOT NULL)`;

/**
 * An account's transactions, newest first, by one index whatever the filter (see transaction-group.ts): each group
 * that may pass is looked at by itself, and what was found is merged.
 */
export function transactionPages(db: Database, groups: TransactionGroups): TransactionPages {
  const findAccount = db.prepare<[string], { account_id: number; revision: number }>(
    'SELECT account_id, revision FROM accounts WHERE customer_id = ?',
  );
  const groupsOfAccount = db
    .prepare<[{ account: number }], number>(`${GROUPS_OF_ACCOUNT} SELECT id FROM groups WHERE id IS NOT NULL`)
    .pluck();
  const everyGroup = db
    .prepare<[{ account: number } & RevisionRange & TimeRange], string>(
      `${GROUPS_OF_ACCOUNT} SELECT ${ALL_AS_TEXT} FROM groups CROSS JOIN transactions
       WHERE account_id = @account AND group_id = id AND revision >= @from AND revision < @before
         AND occurred_at BETWEEN @first AND @last`,
    )
    .pluck();
  const stretches = db
    .prepare<[number, number, number], number>(
      'SELECT stretch FROM transaction_spans WHERE account_id = ? AND latest >= ? AND earliest <= ?',
    )
    .pluck();
  // SQLite plans by the value of a bare `LIMIT ?` and compiles the statement anew whenever one is bound (8 µs); the
  // value of an expression it does not know beforehand.
  const newestOfGroup = db
    .prepare<[number, number, number, number, number, number, number], string>(
      `SELECT ${ALL_AS_TEXT} FROM (SELECT content FROM transactions
       WHERE account_id = ? AND group_id = ? AND revision >= ? AND revision < ? AND occurred_at BETWEEN ? AND ?
       ORDER BY revision DESC LIMIT ? + 0)`,
    )
    .pluck();
  const ofGroup = db
    .prepare<[number, number, number], string>(
      `SELECT ${ALL_AS_TEXT} FROM transactions WHERE account_id = ? AND group_id = ? AND revision = ?`,
    )
    .pluck();

  /** The groups of an account that a filter lets pass; all of them are looked for when they are asked for. */
  const wantedGroups = (filter: TransactionFilter, account: number): WantedGroups => {
    const passes = filtersGroups(filter)
      ? (group: number) => groupMatches(filter, groups.byId(group))
      : () => true;
    let all: readonly number[] | undefined;
    return { passes, all: () => (all ??= groupsOfAccount.all({ account }).filter(passes)) };
  };

  /**
   * Of a window of no more revisions than rows are wanted everything is read, by one statement: it cannot be too much.
   * Of a wider one each group is asked for by itself, and tells no more than that many.
   */
  const newestIn = (
    account: number,
    wanted: WantedGroups,
    { from, before }: RevisionRange,
    { first, last }: TimeRange,
    limit: number,
  ): readonly StoredTransaction[] => {
    const found =
      before - from <= limit
        ? listed(everyGroup.get({ account, from, before, first, last })).filter(([, group]) =>
            wanted.passes(group),
          )
        : wanted
            .all()
            .flatMap((group) => listed(newestOfGroup.get(account, group, from, before, first, last, limit)));
    return found.sort(([a], [b]) => b - a).slice(0, limit);
  };

  /**
   * Looks back through windows of revisions as wide as what was found so far lets expect, and ever wider, so that
   * hardly more rows are read than a page has, be what is asked for frequent or rare.
   */
  const newest = (
    account: number,
    wanted: WantedGroups,
    ranges: readonly RevisionRange[],
    time: TimeRange,
    limit: number,
  ): readonly StoredTransaction[] => {
    const found: StoredTransaction[] = [];
    let width = limit;
    let lookedAt = 0;
    for (const range of ranges) {
      for (let { before } = range; before > range.from;) {
        const from = Math.max(range.from, before - width);
        found.push(...newestIn(account, wanted, { from, before }, time, limit - found.length));
        if (found.length >= limit) return found;
        lookedAt += before - from;
        width = Math.max(2 * width, Math.ceil(((limit - found.length) * lookedAt) / (found.length || 1)));
        before = from;
      }
    }
    return found;
  };

  const toTold = (customerId: string, stored: StoredTransaction): ToldTransaction =>
    toToldTransaction(customerId, groups.byId(stored[1]), stored);

  /** Of a page, and of one more: there is a next page. */
  const find = (
    filter: TransactionFilter,
    pageSize: number,
    before: number,
  ): readonly StoredTransaction[] => {
    const account = findAccount.get(toStorableText(filter.customerId));
    if (!account) return [];
    const { account_id: id } = account;
    const end = Math.min(before, account.revision + 1);
    const time = timeRangeOf(filter);
    const ranges = filtersTime(filter)
      ? revisionRanges(stretches.all(id, time.first, time.last), end)
      : [{ from: 0, before: end }];
    return newest(id, wantedGroups(filter, id), ranges, time, pageSize + 1);
  };

  const findOne = (customerId: string, revision: number): StoredTransaction | undefined => {
    const account = findAccount.get(toStorableText(customerId));
    if (!account) return undefined;
    for (const group of groupsOfAccount.all({ account: account.account_id })) {
      const [stored] = listed(ofGroup.get(account.account_id, group, revision));
      if (stored) return stored;
    }
    return undefined;
  };

  // Of one snapshot; and each statement by itself would lock and look for news of other connections (2.5 µs).
  const findInOneSnapshot = db.transaction(find);
  const findOneInOneSnapshot = db.transaction(findOne);

  return {
    page(filter, pageSize, before = Infinity) {
      const found = findInOneSnapshot.deferred(filter, pageSize, before);
      const rows = found.slice(0, pageSize).map((stored) => toTold(filter.customerId, stored));
      return { rows, next: found.length > pageSize ? rows.at(-1)?.revision : undefined };
    },
    one(customerId, revision) {
      const stored = findOneInOneSnapshot.deferred(customerId, revision);
      return stored && toTold(customerId, stored);
    },
  };
}
