import type { Database } from 'better-sqlite3';
import { decodeAccountState, decodeGrant, withMoving, type AccountRow } from '#projections';
import { identityDigest } from '../identity-digest.js';
import type { ClosedGrantsAnswer, SeenAnswer, SeenLookup, StoredId } from '../port.js';
import { fromStorableText, toStorableText } from '../storable-text.js';
import { readFingerprint } from './fingerprint-column.js';

export interface AccountReads {
  accounts(customerIds: readonly string[]): ReadonlyMap<string, AccountRow>;
  seen(lookups: readonly SeenLookup[]): SeenAnswer;
  closedGrants(customerId: string, grantIds?: readonly string[]): ClosedGrantsAnswer;
  changedAccounts(
    after: bigint,
    limit: number,
  ): readonly { customerId: string; revision: number; checkpoint: bigint }[];
  customerIds(after: string | undefined, limit: number): readonly string[];
  rememberedIds(customerId: string, after: string | undefined, limit: number): readonly StoredId[];
}

interface StoredAccount {
  readonly revision: number;
  readonly state_version: number;
  readonly head_hash: string;
  readonly moving: string;
  readonly state: string;
}

interface StoredSeen {
  readonly fingerprint: string | Buffer;
  readonly revision: number;
}

interface StoredClosedGrant {
  readonly credit_system: string;
  readonly state: string;
}

export function accountReads(db: Database, stateVersion: number): AccountReads {
  const account = db.prepare<[string], StoredAccount>(
    `SELECT revision, state_version, head_hash, moving, state
     FROM accounts JOIN account_snapshots USING (account_id) WHERE customer_id = ?`,
  );
  const position = db.prepare<[string], { account_id: number; revision: number }>(
    'SELECT account_id, revision FROM accounts WHERE customer_id = ?',
  );
  const positionOfState = db.prepare<[string, number], { account_id: number; revision: number }>(
    `SELECT account_id, revision FROM accounts JOIN account_snapshots USING (account_id)
     WHERE customer_id = ? AND state_version = ?`,
  );
  const accountId = db
    .prepare<[string], number>('SELECT account_id FROM accounts WHERE customer_id = ?')
    .pluck();
  const seenId = db.prepare<[number, Buffer], StoredSeen>(
    'SELECT fingerprint, revision FROM ids WHERE account_id = ? AND digest = ?',
  );
  // LIMIT +?, because SQLite plans a query anew whenever a bare parameter of LIMIT is bound.
  const idsAfter = db.prepare<[number, Buffer, number], { digest: Buffer } & StoredSeen>(
    'SELECT digest, fingerprint, revision FROM ids WHERE account_id = ? AND digest > ? ORDER BY digest LIMIT +?',
  );
  const closedGrant = db.prepare<[number, number, string], StoredClosedGrant>(
    `SELECT credit_system, state FROM closed_grants
     WHERE account_id = ? AND state_version = ? AND grant_id = ? ORDER BY credit_system`,
  );
  const allClosedGrants = db.prepare<[number, number], StoredClosedGrant>(
    `SELECT credit_system, state FROM closed_grants
     WHERE account_id = ? AND state_version = ? ORDER BY grant_id, credit_system`,
  );
  // The subquery is the checkpoint of the last account within the limit: its whole batch belongs to the answer.
  const changed = db
    .prepare<
      [{ after: bigint; limit: number }],
      { customer_id: string; revision: bigint; checkpoint: bigint }
    >(
      `SELECT customer_id, revision, checkpoint FROM accounts
       WHERE checkpoint > @after AND checkpoint <= coalesce(
         (SELECT checkpoint FROM accounts WHERE checkpoint > @after ORDER BY checkpoint LIMIT 1 OFFSET @limit - 1),
         9223372036854775807)
       ORDER BY checkpoint, customer_id`,
    )
    .safeIntegers();
  const customers = db
    .prepare<[string, number], string>(
      'SELECT customer_id FROM accounts WHERE customer_id > ? ORDER BY customer_id LIMIT +?',
    )
    .pluck();
  const customersFromStart = db
    .prepare<[number], string>('SELECT customer_id FROM accounts ORDER BY customer_id LIMIT +?')
    .pluck();

  const readAccounts = (customerIds: readonly string[]): Map<string, AccountRow> => {
    const rows = new Map<string, AccountRow>();
    for (const customerId of customerIds) {
      const stored = account.get(toStorableText(customerId));
      if (stored?.state_version !== stateVersion) continue;
      rows.set(customerId, {
        customerId,
        revision: stored.revision,
        state: withMoving(decodeAccountState(stored.state), stored.moving),
        headHash: stored.head_hash,
      });
    }
    return rows;
  };
  const readInOneSnapshot = db.transaction(readAccounts);

  const readSeen = db.transaction((lookups: readonly SeenLookup[]): SeenAnswer => {
    const positions = new Map<string, ReturnType<typeof position.get>>();
    const rows = lookups.map(({ customerId, identity }) => {
      if (!positions.has(customerId)) positions.set(customerId, position.get(toStorableText(customerId)));
      const known = positions.get(customerId);
      const stored = known && seenId.get(known.account_id, Buffer.from(identityDigest(identity), 'hex'));
      return stored && { revision: stored.revision, fingerprint: readFingerprint(stored.fingerprint) };
    });
    const projectedThrough = new Map(
      [...positions].map(([customerId, known]) => [customerId, known?.revision ?? -1]),
    );
    return { rows, projectedThrough };
  });

  const readClosedGrants = db.transaction(
    (customerId: string, grantIds?: readonly string[]): ClosedGrantsAnswer => {
      const known = positionOfState.get(toStorableText(customerId), stateVersion);
      if (!known) return { rows: [], projectedThrough: -1 };
      const id = known.account_id;
      const stored = grantIds
        ? [...new Set(grantIds)]
            .map(toStorableText)
            .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
            .flatMap((grantId) => closedGrant.all(id, stateVersion, grantId))
        : allClosedGrants.all(id, stateVersion);
      const rows = stored.map(({ credit_system, state }) => ({
        customerId,
        creditSystem: fromStorableText(credit_system),
        grant: decodeGrant(state),
      }));
      return { rows, projectedThrough: known.revision };
    },
  );

  return {
    // Whole batches only. One statement is a snapshot by itself: most reads ask for one account.
    accounts: (customerIds) =>
      customerIds.length > 1 ? readInOneSnapshot.deferred(customerIds) : readAccounts(customerIds),
    seen: (lookups) => readSeen.deferred(lookups),
    closedGrants: (customerId, grantIds) => readClosedGrants.deferred(customerId, grantIds),
    changedAccounts: (after, limit) =>
      changed.all({ after, limit }).map(({ customer_id, revision, checkpoint }) => ({
        customerId: fromStorableText(customer_id),
        revision: Number(revision),
        checkpoint,
      })),
    customerIds(after, limit) {
      const ids =
        after === undefined ? customersFromStart.all(limit) : customers.all(toStorableText(after), limit);
      return ids.map(fromStorableText);
    },
    rememberedIds(customerId, after = '', limit) {
      const id = accountId.get(toStorableText(customerId));
      if (id === undefined) return [];
      return idsAfter.all(id, Buffer.from(after, 'hex'), limit).map(({ digest, fingerprint, revision }) => ({
        digest: digest.toString('hex'),
        fingerprint: readFingerprint(fingerprint),
        revision,
      }));
    },
  };
}
