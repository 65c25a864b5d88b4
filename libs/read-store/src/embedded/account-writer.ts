import type { Database } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { toMs, type AccountState } from '#domain';
import {
  accountWeight,
  encodeAccountState,
  encodeMoving,
  haveSameTerms,
  ORDINARY_WEIGHT,
  type AccountChange,
  type AccountRow,
  type AgendaItem,
} from '#projections';
import { agendaQueue, agendaText, sameAgenda } from '../agenda-queue.js';
import { toStorableText } from '../storable-text.js';
import { bulkInsert } from './bulk-insert.js';

/** Writes account rows and agendas. Within a transaction; `forget` when it fails. */
export interface AccountWriter {
  /** @returns the account's number */
  write(change: AccountChange, checkpoint: bigint): number;
  /** Writes the agendas that have changed. */
  flush(): void;
  /** What was learned within a transaction that failed is not true. */
  forget(): void;
}

/** An account as this connection wrote it last. */
interface Written {
  readonly accountId: number;
  readonly revision: number;
  readonly state: AccountState;
  readonly agenda: readonly AgendaItem[];
}

/** Ordinary accounts remembered: the projector's cache has as many. */
const REMEMBERED = 20_000;

export function accountWriter(db: Database, stateVersion: number): AccountWriter {
  const find = db.prepare<[string], { account_id: number; agenda: string }>(
    `SELECT account_id, agenda FROM accounts JOIN account_snapshots USING (account_id) WHERE customer_id = ?`,
  );
  const insert = db.prepare<[string, number, bigint, number, string, string]>(
    `INSERT INTO accounts (customer_id, revision, checkpoint, state_version, head_hash, moving)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const update = db.prepare<[number, bigint, number, string, string, number]>(
    `UPDATE accounts SET revision = ?, checkpoint = ?, state_version = ?, head_hash = ?, moving = ?
     WHERE account_id = ?`,
  );
  const updateSince = db.prepare<[number, bigint, string, string, number, number]>(
    `UPDATE accounts SET revision = ?, checkpoint = ?, head_hash = ?, moving = ?
     WHERE account_id = ? AND revision = ?`,
  );
  const snapshot = db.prepare<[number, string, string]>(
    `INSERT INTO account_snapshots (account_id, agenda, state) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET agenda = excluded.agenda, state = excluded.state`,
  );
  const clearAgenda = db.prepare<[number]>('DELETE FROM agenda WHERE account_id = ?');
  const items = bulkInsert(db, 'agenda (queue, at, account_id, credit_system)', 4, 'ON CONFLICT DO NOTHING');
  const remembered = new LRUCache<string, Written>({
    max: REMEMBERED,
    maxSize: REMEMBERED * ORDINARY_WEIGHT,
    sizeCalculation: ({ state }) => accountWeight(state),
  });

  /**
   * Without looking: an account at the revision that was written here has the agenda and the snapshot that were
   * written here.
   */
  const writeSince = ({ accountId, revision }: Written, row: AccountRow, checkpoint: bigint): boolean =>
    updateSince.run(row.revision, checkpoint, row.headHash, encodeMoving(row.state), accountId, revision)
      .changes === 1;

  const writeFound = ({ row, agenda }: AccountChange, checkpoint: bigint): number => {
    const text = agendaText(agenda);
    const customerId = toStorableText(row.customerId);
    const columns = [row.revision, checkpoint, stateVersion, row.headHash, encodeMoving(row.state)] as const;
    const found = find.get(customerId);
    if (found) update.run(...columns, found.account_id);
    const id = found?.account_id ?? Number(insert.run(customerId, ...columns).lastInsertRowid);
    snapshot.run(id, text, encodeAccountState(row.state));
    if (found?.agenda === text) return id;
    if (found) clearAgenda.run(id);
    for (const item of agenda) {
      items.add(agendaQueue(item), toMs(item.at), id, toStorableText(item.creditSystem ?? ''));
    }
    return id;
  };

  return {
    write(change, checkpoint) {
      const { row, agenda } = change;
      const { customerId, revision, state } = row;
      const last = remembered.get(customerId);
      const unlooked =
        last !== undefined &&
        sameAgenda(last.agenda, agenda) &&
        haveSameTerms(last.state, state) &&
        writeSince(last, row, checkpoint);
      const accountId = unlooked ? last.accountId : writeFound(change, checkpoint);
      remembered.set(customerId, { accountId, revision, state, agenda });
      return accountId;
    },
    flush: () => {
      items.flush();
    },
    forget() {
      remembered.clear();
      items.discard();
    },
  };
}
