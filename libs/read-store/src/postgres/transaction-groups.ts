import pg from 'pg';
import type { TransactionRow, TransactionType } from '#projections';
import { ReadStoreUnavailable } from '../port.js';
import { fromStorableText, toStorableText } from '../storable-text.js';
import { groupKey, sourceMask, sourcesOf, type TransactionGroup } from '../transaction-group.js';
import type { Database, Statement } from './database.js';

interface StoredGroup {
  readonly group_id: number;
  readonly credit_system: string;
  readonly type: TransactionType;
  readonly touched: number;
  readonly feature: string | null;
  readonly dictionary: number;
}

/** The groups by number and by key, and which dictionary numbers them so. */
export interface NumberedGroups {
  /** Undefined: none. */
  readonly dictionary: number | undefined;
  readonly byId: ReadonlyMap<number, TransactionGroup>;
  /** By group key. */
  readonly byKey: ReadonlyMap<string, number>;
}

export interface TransactionGroups {
  /**
   * What these numbers mean in a dictionary.
   * @throws ReadStoreUnavailable the dictionary is gone
   */
  byIds(ids: readonly number[], dictionary: number): Promise<ReadonlyMap<number, TransactionGroup>>;
  /** With the numbers of these rows' groups; new groups are numbered at once, whatever becomes of the batch. */
  numbersOf(rows: readonly TransactionRow[]): Promise<NumberedGroups>;
  /** When the dictionary that is remembered turned out to be gone. */
  forget(): void;
}

/**
 * SQL: which dictionary numbers the groups, by the number that PostgreSQL gave its table. It is another one once the
 * schema was dropped and made anew, which nobody tells a process that stays connected.
 */
export function dictionaryOf(schema: string): string {
  return `${pg.escapeLiteral(`${schema}.transaction_groups`)}::regclass::oid`;
}

const NOTHING: NumberedGroups = { dictionary: undefined, byId: new Map(), byKey: new Map() };

/** The dictionary of transaction groups, remembered once seen: a group never changes while its dictionary is there. */
export function transactionGroups(db: Database, schema: string): TransactionGroups {
  const all: Statement = {
    name: 'groups',
    text: `SELECT group_id, credit_system, type, touched, feature, tableoid AS dictionary
           FROM ${schema}.transaction_groups`,
  };
  const insert: Statement = {
    name: 'insert-group',
    text: `INSERT INTO ${schema}.transaction_groups (credit_system, type, touched, feature, key)
           VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
  };
  let known = NOTHING;

  const learn = async (): Promise<NumberedGroups> => {
    const stored = await db.query<StoredGroup>(all, []);
    const byId = new Map(stored.map((row) => [row.group_id, toGroup(row)]));
    const byKey = new Map([...byId].map(([id, group]) => [groupKey(group), id]));
    known = { dictionary: stored[0]?.dictionary, byId, byKey };
    return known;
  };

  return {
    async byIds(ids, dictionary) {
      const isKnown = known.dictionary === dictionary && ids.every((id) => known.byId.has(id));
      if (isKnown || ids.length === 0) return known.byId;
      const { byId, dictionary: found } = await learn();
      if (found !== dictionary) throw madeAnew(schema);
      const missing = ids.find((id) => !byId.has(id));
      if (missing !== undefined) {
        throw new Error(`transaction group ${missing} is missing from the read store`);
      }
      return byId;
    },
    async numbersOf(rows) {
      const unknown = new Map<string, TransactionRow>();
      for (const row of rows) {
        const key = groupKey(row);
        if (!known.byKey.has(key)) unknown.set(key, row);
      }
      if (unknown.size === 0) return known;
      for (const [key, { creditSystem, type, touched, feature }] of unknown) {
        await db.execute(insert, [
          toStorableText(creditSystem),
          type,
          sourceMask(touched),
          feature === null ? null : toStorableText(feature),
          toStorableText(key),
        ]);
      }
      return learn();
    },
    forget() {
      known = NOTHING;
    },
  };
}

/** The numbers at hand are those of a schema that is gone. */
export function madeAnew(schema: string): ReadStoreUnavailable {
  return new ReadStoreUnavailable(`PostgreSQL read store: schema ${schema} was dropped and made anew`);
}

function toGroup({ credit_system, type, touched, feature }: StoredGroup): TransactionGroup {
  return {
    creditSystem: fromStorableText(credit_system),
    type,
    touched: sourcesOf(touched),
    feature: feature === null ? null : fromStorableText(feature),
  };
}
