import type { Database } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { toMs } from '#domain';
import { encodeAccountState, type AccountChange, type AccountRow, type AgendaItem } from '#projections';
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
  readonly agenda: readonly AgendaItem[];
}

/** Accounts remembered: the projector's cache has as many. */
const REMEMBERED = 20_000;

export function accountWriter(db: Database, stateVersion: number): AccountWriter {
  const find = db.prepare<[string], { account_id: number; agenda: string }>(
    'SELECT account_id, agenda FROM accounts WHERE customer_id = ?',
  );
  const insert = db.prepare<[string, number, bigint, number, string, string, string]>(
    `INSERT INTO accounts (customer_id, revision, checkpoint, state_version, head_hash, agenda, state)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = db.prepare<[number, bigint, number, string, string, string, number]>(
    `UPDATE accounts SET revision = ?, checkpoint = ?, state_version = ?, head_hash = ?, agenda = ?, state = ?
     WHERE account_id = ?`,
  );
  const updateSince = db.prepare<[number, bigint, number, string, string, number, number]>(
    `UPDATE accounts SET revision = ?, checkpoint = ?, state_version = ?, head_hash = ?, state = ?
     WHERE account_id = ? AND revision = ?`,
  );
  const clearAgenda = db.prepare<[number]>('DELETE FROM agenda WHERE account_id = ?');
  const items = bulkInsert(db, 'agenda (queue, at, account_id, credit_system)', 4, 'ON CONFLICT DO NOTHING');
  const remembered = new LRUCache<string, Written>({ max: REMEMBERED });

  /** Without looking: an account at the revision that was written here has the agenda that was written here. */
  const writeSince = (
    { accountId, revision }: Written,
    row: AccountRow,
    checkpoint: bigint,
    state: string,
  ): boolean =>
    updateSince.run(row.revision, checkpoint, stateVersion, row.headHash, state, accountId, revision)
      .changes === 1;

  const writeFound = ({ row, agenda }: AccountChange, checkpoint: bigint, state: string): number => {
    const text = agendaText(agenda);
    const customerId = toStorableText(row.customerId);
    const found = find.get(customerId);
    if (found) {
      const { account_id: id } = found;
      update.run(row.revision, checkpoint, stateVersion, row.headHash, text, state, id);
      if (found.agenda === text) return id;
      clearAgenda.run(id);
    }
    const id =
      found?.account_id ??
      Number(
        insert.run(customerId, row.revision, checkpoint, stateVersion, row.headHash, text, state)
          .lastInsertRowid,
      );
    for (const item of agenda) {
      items.add(agendaQueue(item), toMs(item.at), id, toStorableText(item.creditSystem ?? ''));
    }
    return id;
  };

  return {
    write(change, checkpoint) {
      const { row, agenda } = change;
      const state = encodeAccountState(row.state);
      const last = remembered.get(row.customerId);
      const unlooked =
        last !== undefined && sameAgenda(last.agenda, agenda) && writeSince(last, row, checkpoint, state);
      const accountId = unlooked ? last.accountId : writeFound(change, checkpoint, state);
      remembered.set(row.customerId, { accountId, revision: row.revision, agenda });
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
