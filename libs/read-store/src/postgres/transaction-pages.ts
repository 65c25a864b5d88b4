import { instantFromMs } from '#domain';
import type { ToldTransaction } from '#projections';
import type { ReadStore, TransactionFilter } from '../port.js';
import { toStorableText } from '../storable-text.js';
import { filtersTime, revisionRanges, timeRangeOf, type RevisionRange } from '../time-span.js';
import { filtersGroups, groupMatches } from '../transaction-group.js';
import { plainArray } from './array-literal.js';
import type { Database, Statement } from './database.js';
import { COLUMNS, toToldTransaction, type StoredTransaction } from './stored-transaction.js';
import { dictionaryOf, madeAnew, type TransactionGroups } from './transaction-groups.js';

export type TransactionPages = Pick<ReadStore, 'transactions' | 'transaction'>;

interface FoundAccount {
  readonly account_id: number;
  readonly revision: number;
  readonly dictionary: number;
  readonly groups?: readonly number[];
}

/** The dictionary as of the statement that found it: between two statements the schema may have been made anew. */
type FoundTransaction = StoredTransaction & Pick<FoundAccount, 'dictionary'>;

/** An account's transactions, newest first, by one index whatever the filter (see transaction-group.ts). */
export function transactionPages(db: Database, groups: TransactionGroups, schema: string): TransactionPages {
  const statements = statementsFor(schema);

  const matchingGroups = async (
    filter: TransactionFilter,
    { groups: present, dictionary }: FoundAccount,
  ): Promise<readonly number[] | undefined> => {
    if (!present) return undefined;
    const byId = await groups.byIds(present, dictionary);
    const matching = present.filter((id) => {
      const group = byId.get(id);
      return group !== undefined && groupMatches(filter, group);
    });
    // A filter that lets everything pass is none.
    return matching.length === present.length ? undefined : matching;
  };

  /** @throws ReadStoreUnavailable rows of another dictionary than the account's: its number is somebody else's there */
  const toTold = async (
    customerId: string,
    stored: readonly FoundTransaction[],
    dictionary: number,
  ): Promise<readonly ToldTransaction[]> => {
    if (stored.some((row) => row.dictionary !== dictionary)) throw madeAnew(schema);
    const byId = await groups.byIds(
      stored.map(({ group_id }) => group_id),
      dictionary,
    );
    return stored.map((row) => toToldTransaction(customerId, byId.get(row.group_id), row));
  };

  return {
    async transactions(filter, pageSize, before = Infinity) {
      const range = timeRangeOf(filter);
      // Its end may lie before the first instant there is, and then cannot be told as one.
      if (range.last < range.first) return { rows: [], next: undefined };
      const find = filtersGroups(filter) ? statements.findAccountWithGroups : statements.findAccount;
      const [account] = await db.query<FoundAccount>(find, [toStorableText(filter.customerId)]);
      if (!account) return { rows: [], next: undefined };
      const { account_id: id } = account;
      // Nothing newer than the account as it was found: what is committed meanwhile belongs to no page of this.
      const end = Math.min(before, account.revision + 1);
      const time = [instantFromMs(range.first), instantFromMs(range.last)] as const;
      const groupIds = await matchingGroups(filter, account);
      let ranges: readonly RevisionRange[] = [{ from: 0, before: end }];
      if (filtersTime(filter)) {
        const spans = await db.query<{ stretch: number }>(statements.stretches, [id, ...time]);
        ranges = revisionRanges(
          spans.map(({ stretch }) => stretch),
          end,
        );
      }
      const found: FoundTransaction[] = [];
      for (const { from, before: to } of ranges) {
        const values = [id, from, to, ...time, pageSize + 1 - found.length];
        found.push(
          ...(groupIds
            ? await db.query<FoundTransaction>(statements.newestOfGroups, [...values, plainArray(groupIds)])
            : await db.query<FoundTransaction>(statements.newest, values)),
        );
        if (found.length > pageSize) break;
      }
      const rows = await toTold(filter.customerId, found.slice(0, pageSize), account.dictionary);
      return { rows, next: found.length > pageSize ? rows.at(-1)?.revision : undefined };
    },
    async transaction(customerId, revision) {
      const [stored] = await db.query<FoundTransaction>(statements.one, [
        toStorableText(customerId),
        revision,
      ]);
      if (!stored) return undefined;
      const [row] = await toTold(customerId, [stored], stored.dictionary);
      return row;
    },
  };
}

function statementsFor(schema: string) {
  const dictionary = `${dictionaryOf(schema)} AS dictionary`;
  const inTime = 't.occurred_at BETWEEN $4::timestamptz AND $5::timestamptz';
  return {
    findAccount: {
      name: 'find-account',
      text: `SELECT account_id, revision, ${dictionary} FROM ${schema}.accounts WHERE customer_id = $1`,
    },
    // Hops from group to group along the index, instead of reading all of it.
    findAccountWithGroups: {
      name: 'find-account-with-groups',
      text: `SELECT a.account_id, a.revision, ${dictionary}, ARRAY (
               WITH RECURSIVE hop (id) AS (
                 SELECT min(t.group_id) FROM ${schema}.transactions t WHERE t.account_id = a.account_id
                 UNION ALL
                 SELECT (SELECT min(t.group_id) FROM ${schema}.transactions t
                         WHERE t.account_id = a.account_id AND t.group_id > hop.id)
                 FROM hop WHERE hop.id IS NOT NULL)
               SELECT id FROM hop WHERE id IS NOT NULL) AS groups
             FROM ${schema}.accounts a WHERE a.customer_id = $1`,
    },
    stretches: {
      name: 'stretches',
      text: `SELECT stretch FROM ${schema}.transaction_spans
             WHERE account_id = $1 AND latest >= $2::timestamptz AND earliest <= $3::timestamptz`,
    },
    newest: {
      name: 'newest-transactions',
      text: `SELECT ${COLUMNS}, ${dictionary} FROM ${schema}.transactions t
             WHERE t.account_id = $1 AND t.revision >= $2 AND t.revision < $3 AND ${inTime}
             ORDER BY t.revision DESC LIMIT $6`,
    },
    // Within one group, but said by pairs: so only transactions_by_group has the order asked for. Of `group_id =`
    // the planner would know that the primary key has it too, and look for a rare group all through the account.
    newestOfGroups: {
      name: 'newest-transactions-of-groups',
      text: `SELECT ${COLUMNS}, ${dictionary} FROM unnest($7::integer[]) AS g (group_id) CROSS JOIN LATERAL (
               SELECT t.* FROM ${schema}.transactions t
               WHERE t.account_id = $1 AND ${inTime}
                 AND (t.group_id, t.revision) >= (g.group_id, $2::integer)
                 AND (t.group_id, t.revision) < (g.group_id, $3::integer)
               ORDER BY t.group_id DESC, t.revision DESC LIMIT $6) AS t
             ORDER BY t.revision DESC LIMIT $6`,
    },
    // A caller may ask for any number, also for one that no revision can be.
    one: {
      name: 'one-transaction',
      text: `SELECT ${COLUMNS}, ${dictionary}
             FROM ${schema}.accounts a JOIN ${schema}.transactions t USING (account_id)
             WHERE a.customer_id = $1 AND t.revision = $2::bigint`,
    },
  } satisfies Record<string, Statement>;
}
