import type { Database } from 'better-sqlite3';
import { toMs } from '#domain';
import { encodeAccountState, encodeGrant, type AccountChange, type TransactionRow } from '#projections';
import { agendaQueue, agendaText } from '../agenda-queue.js';
import { identityDigest } from '../identity-digest.js';
import { CheckpointMoved, type ProjectionBatch } from '../port.js';
import { toStorableText } from '../storable-text.js';
import { spansOf } from '../time-span.js';
import { bulkInsert, type Value } from './bulk-insert.js';
import type { TransactionGroups } from './transaction-groups.js';

/** The writing side of one connection. @throws CheckpointMoved */
export function batchWriter(
  db: Database,
  groups: TransactionGroups,
  stateVersion: number,
): (batch: ProjectionBatch) => void {
  const checkpoint = db
    .prepare<[string], bigint>('SELECT position FROM checkpoints WHERE projector = ?')
    .pluck()
    .safeIntegers();
  const setCheckpoint = db.prepare<[string, bigint]>(
    `INSERT INTO checkpoints (projector, position) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET position = excluded.position`,
  );
  const findAccount = db.prepare<[string], { account_id: number; agenda: string }>(
    'SELECT account_id, agenda FROM accounts WHERE customer_id = ?',
  );
  const insertAccount = db.prepare<[string, number, bigint, number, string, string, string]>(
    `INSERT INTO accounts (customer_id, revision, checkpoint, state_version, head_hash, agenda, state)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateAccount = db.prepare<[number, bigint, number, string, string, string, number]>(
    `UPDATE accounts SET revision = ?, checkpoint = ?, state_version = ?, head_hash = ?, agenda = ?, state = ?
     WHERE account_id = ?`,
  );
  const clearAgenda = db.prepare<[number]>('DELETE FROM agenda WHERE account_id = ?');
  const insertTransactions = bulkInsert(
    db,
    `INTO transactions (account_id, revision, group_id, occurred_at, recorded_at, event_id,
       change_included, change_purchased, change_promotional, change_held,
       included, purchased, promotional, held, uncovered, usage_source, usage_id, grant_id, hold_id)`,
    19,
  );
  const insertSpans = bulkInsert(
    db,
    'INTO transaction_spans (account_id, stretch, earliest, latest)',
    4,
    `ON CONFLICT DO UPDATE SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)`,
  );
  const insertIds = bulkInsert(
    db,
    'INTO ids (account_id, digest, revision, fingerprint)',
    4,
    'ON CONFLICT DO NOTHING',
  );
  const insertClosedGrants = bulkInsert(
    db,
    'INTO closed_grants (account_id, grant_id, credit_system, state_version, state)',
    5,
    'ON CONFLICT DO UPDATE SET state_version = excluded.state_version, state = excluded.state',
  );
  const insertAgenda = bulkInsert(
    db,
    'INTO agenda (queue, at, account_id, credit_system)',
    4,
    'ON CONFLICT DO NOTHING',
  );

  /** Its account's number; what of the agenda is to be written. */
  const writeAccount = (change: AccountChange, position: bigint, agenda: Value[][]): number => {
    const { row } = change;
    const customerId = toStorableText(row.customerId);
    const text = agendaText(change.agenda);
    const state = encodeAccountState(row.state);
    const known = findAccount.get(customerId);
    let id: number;
    if (known) {
      id = known.account_id;
      updateAccount.run(row.revision, position, stateVersion, row.headHash, text, state, id);
      if (known.agenda === text) return id;
      clearAgenda.run(id);
    } else {
      id = Number(
        insertAccount.run(customerId, row.revision, position, stateVersion, row.headHash, text, state)
          .lastInsertRowid,
      );
    }
    for (const item of change.agenda) {
      agenda.push([agendaQueue(item), toMs(item.at), id, toStorableText(item.creditSystem ?? '')]);
    }
    return id;
  };

  const write = (batch: ProjectionBatch): void => {
    const actual = checkpoint.get(batch.projector);
    if (actual !== batch.after) throw new CheckpointMoved(batch.projector, batch.after, actual);
    const agenda: Value[][] = [];
    const accounts = batch.changes
      .map((change) => ({ change, id: writeAccount(change, batch.checkpoint, agenda) }))
      // In the order of the tables' keys: neighbouring rows are written one after the other.
      .sort((a, b) => a.id - b.id);
    insertTransactions(
      accounts.flatMap(({ id, change }) =>
        change.transactions.map((row) => transactionValues(id, groups.idOf(row), row)),
      ),
    );
    insertSpans(
      accounts.flatMap(({ id, change }) =>
        spansOf(change.transactions).map((span) => [id, span.stretch, span.earliest, span.latest]),
      ),
    );
    insertIds(
      accounts.flatMap(({ id, change }) =>
        change.ids
          .map((seen) => ({ digest: identityDigest(seen.identity), seen }))
          .sort((a, b) => (a.digest < b.digest ? -1 : 1))
          .map(({ digest, seen }) => [id, Buffer.from(digest, 'hex'), seen.revision, seen.fingerprint]),
      ),
    );
    insertClosedGrants(
      accounts.flatMap(({ id, change }) =>
        change.closedGrants.map(({ grant, creditSystem }) => [
          id,
          toStorableText(grant.grantId),
          toStorableText(creditSystem),
          stateVersion,
          encodeGrant(grant),
        ]),
      ),
    );
    insertAgenda(agenda);
    setCheckpoint.run(batch.projector, batch.checkpoint);
  };

  const transaction = db.transaction(write);
  return (batch) => {
    try {
      transaction.immediate(batch);
    } catch (error) {
      groups.forget();
      throw error;
    }
  };
}

function transactionValues(accountId: number, groupId: number, row: TransactionRow): Value[] {
  const { change, balance } = row;
  return [
    accountId,
    row.revision,
    groupId,
    toMs(row.occurredAt),
    toMs(row.recordedAt),
    toStorableText(row.eventId),
    change.included.toString(),
    change.purchased.toString(),
    change.promotional.toString(),
    change.held.toString(),
    balance.included.toString(),
    balance.purchased.toString(),
    balance.promotional.toString(),
    balance.held.toString(),
    row.uncovered.toString(),
    storable(row.usageSource),
    storable(row.usageId),
    storable(row.grantId),
    storable(row.holdId),
  ];
}

function storable(text: string | null): string | null {
  return text === null ? null : toStorableText(text);
}
