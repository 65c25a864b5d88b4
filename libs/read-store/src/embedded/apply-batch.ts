import type { Database } from 'better-sqlite3';
import { toMs } from '#domain';
import { encodeGrant, type AccountChange, type RememberedId } from '#projections';
import { identityDigest } from '../identity-digest.js';
import { CheckpointMoved, type ProjectionBatch } from '../port.js';
import { toStorableText } from '../storable-text.js';
import { spansOf } from '../time-span.js';
import { accountWriter } from './account-writer.js';
import { bulkInsert } from './bulk-insert.js';
import { storedFingerprint } from './fingerprint-column.js';
import { encodeTransaction } from './stored-transaction.js';
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
  const accounts = accountWriter(db, stateVersion);
  const transactions = bulkInsert(
    db,
    'transactions (account_id, revision, group_id, occurred_at, content)',
    5,
  );
  const spans = bulkInsert(
    db,
    'transaction_spans (account_id, stretch, earliest, latest)',
    4,
    `ON CONFLICT DO UPDATE SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)`,
  );
  const ids = bulkInsert(db, 'ids (account_id, digest, revision, fingerprint)', 4, 'ON CONFLICT DO NOTHING');
  const closedGrants = bulkInsert(
    db,
    'closed_grants (account_id, grant_id, credit_system, state_version, state)',
    5,
    'ON CONFLICT DO UPDATE SET state_version = excluded.state_version, state = excluded.state',
  );

  const writeHistory = (accountId: number, change: AccountChange): void => {
    for (const row of change.transactions) {
      const [group, at] = [groups.idOf(row), toMs(row.occurredAt)];
      transactions.add(accountId, row.revision, group, at, encodeTransaction(row, group, at));
    }
    for (const { stretch, earliest, latest } of spansOf(change.transactions)) {
      spans.add(accountId, stretch, earliest, latest);
    }
    for (const { digest, revision, fingerprint } of byDigest(change.ids)) {
      ids.add(accountId, Buffer.from(digest, 'hex'), revision, storedFingerprint(fingerprint));
    }
    for (const { grant, creditSystem } of change.closedGrants) {
      closedGrants.add(
        accountId,
        toStorableText(grant.grantId),
        toStorableText(creditSystem),
        stateVersion,
        encodeGrant(grant),
      );
    }
  };

  const write = (batch: ProjectionBatch): void => {
    const actual = checkpoint.get(batch.projector);
    if (actual !== batch.after) throw new CheckpointMoved(batch.projector, batch.after, actual);
    const numbered = batch.changes.map((change) => ({
      change,
      id: accounts.write(change, batch.checkpoint),
    }));
    // In the order of the tables' keys: neighbouring rows are written one after the other.
    numbered.sort((a, b) => a.id - b.id);
    for (const { id, change } of numbered) writeHistory(id, change);
    for (const rows of [accounts, transactions, spans, ids, closedGrants]) rows.flush();
    setCheckpoint.run(batch.projector, batch.checkpoint);
  };

  const transaction = db.transaction(write);
  return (batch) => {
    try {
      transaction.immediate(batch);
    } catch (error) {
      groups.forget();
      accounts.forget();
      for (const rows of [transactions, spans, ids, closedGrants]) rows.discard();
      throw error;
    }
  };
}

function byDigest(
  ids: readonly RememberedId[],
): readonly { readonly digest: string; readonly revision: number; readonly fingerprint: string }[] {
  return ids
    .map(({ identity, revision, fingerprint }) => ({
      digest: identityDigest(identity),
      revision,
      fingerprint,
    }))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
}
