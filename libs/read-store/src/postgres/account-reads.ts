import { decodeAccountState, decodeGrant, type AccountRow } from '#projections';
import { identityDigest } from '../identity-digest.js';
import type { ReadStore } from '../port.js';
import { fromStorableText, toStorableText } from '../storable-text.js';
import { plainArray, textArray } from './array-literal.js';
import type { Database, Statement } from './database.js';

export type AccountReads = Pick<
  ReadStore,
  | 'checkpoint'
  | 'accounts'
  | 'seen'
  | 'closedGrants'
  | 'changedAccounts'
  | 'customerIds'
  | 'rememberedIds'
  | 'ping'
>;

interface StoredAccount {
  readonly customer_id: string;
  readonly revision: number;
  readonly head_hash: string;
  readonly state: string;
}

/** Of one lookup; all null where the account is unknown. */
interface StoredSeen {
  readonly projected: number | null;
  readonly fingerprint: string | null;
  readonly revision: number;
}

/** Of one closed grant; null where the account has none of those. */
interface StoredClosedGrant {
  readonly projected: number;
  readonly credit_system: string | null;
  readonly state: string | null;
}

interface StoredId {
  readonly digest: string;
  readonly fingerprint: string;
  readonly revision: number;
}

export function accountReads(db: Database, schema: string, stateVersion: number): AccountReads {
  const statements = statementsFor(schema);
  return {
    async checkpoint(projector) {
      const [row] = await db.query<{ position: string }>(statements.checkpoint, [projector]);
      return row && BigInt(row.position);
    },
    async accounts(customerIds) {
      const stored = await db.query<StoredAccount>(statements.accounts, [
        textArray(customerIds.map(toStorableText)),
        stateVersion,
      ]);
      return new Map(
        stored.map(({ customer_id, revision, head_hash, state }): [string, AccountRow] => {
          const customerId = fromStorableText(customer_id);
          return [
            customerId,
            { customerId, revision, state: decodeAccountState(state), headHash: head_hash },
          ];
        }),
      );
    },
    async seen(lookups) {
      const stored = await db.query<StoredSeen>(statements.seen, [
        textArray(lookups.map(({ customerId }) => toStorableText(customerId))),
        plainArray(lookups.map(({ identity }) => identityDigest(identity))),
      ]);
      return {
        rows: stored.map(({ fingerprint, revision }) =>
          fingerprint === null ? undefined : { fingerprint, revision },
        ),
        projectedThrough: new Map(
          lookups.map(({ customerId }, index) => [customerId, stored[index]?.projected ?? -1]),
        ),
      };
    },
    async closedGrants(customerId, grantIds) {
      const stored = await db.query<StoredClosedGrant>(statements.closedGrants, [
        toStorableText(customerId),
        stateVersion,
        grantIds ? textArray(grantIds.map(toStorableText)) : null,
      ]);
      const rows = stored.flatMap(({ credit_system, state }) =>
        credit_system === null || state === null
          ? []
          : [{ customerId, creditSystem: fromStorableText(credit_system), grant: decodeGrant(state) }],
      );
      return { rows, projectedThrough: stored[0]?.projected ?? -1 };
    },
    async changedAccounts(after, limit) {
      const stored = await db.query<{ customer_id: string; revision: number; checkpoint: string }>(
        statements.changedAccounts,
        [after, limit],
      );
      return stored.map(({ customer_id, revision, checkpoint }) => ({
        customerId: fromStorableText(customer_id),
        revision,
        checkpoint: BigInt(checkpoint),
      }));
    },
    async customerIds(after, limit) {
      const from = after === undefined ? null : toStorableText(after);
      const stored = await db.query<{ customer_id: string }>(statements.customerIds, [from, limit]);
      return stored.map(({ customer_id }) => fromStorableText(customer_id));
    },
    async rememberedIds(customerId, after, limit) {
      const stored = await db.query<StoredId>(statements.rememberedIds, [
        toStorableText(customerId),
        after ?? null,
        limit,
      ]);
      return stored.map((row) => ({ ...row, digest: row.digest.replaceAll('-', '') }));
    },
    async ping() {
      await db.query(statements.ping, []);
    },
  };
}

function statementsFor(schema: string) {
  return {
    ping: { name: 'ping', text: `SELECT 1 FROM ${schema}.checkpoints LIMIT 1` },
    checkpoint: {
      name: 'checkpoint',
      text: `SELECT position FROM ${schema}.checkpoints WHERE projector = $1`,
    },
    // LATERAL with a LIMIT is one index lookup each, whatever the planner thinks of the tables' sizes: it would
    // rather read all of a table of a hundred thousand ids than look a thousand of them up.
    accounts: {
      name: 'accounts',
      text: `SELECT a.* FROM unnest($1::text[]) AS l (customer_id) CROSS JOIN LATERAL (
               SELECT customer_id, revision, head_hash, state FROM ${schema}.accounts
               WHERE customer_id = l.customer_id AND state_version = $2 LIMIT 1) AS a`,
    },
    seen: {
      name: 'seen',
      text: `SELECT a.revision AS projected, i.fingerprint, i.revision
             FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS l (customer_id, digest, place)
             LEFT JOIN LATERAL (
               SELECT account_id, revision FROM ${schema}.accounts
               WHERE customer_id = l.customer_id LIMIT 1) AS a ON true
             LEFT JOIN LATERAL (
               SELECT fingerprint, revision FROM ${schema}.ids
               WHERE account_id = a.account_id AND digest = l.digest LIMIT 1) AS i ON true
             ORDER BY l.place`,
    },
    closedGrants: {
      name: 'closed-grants',
      // One statement, and so one snapshot; a row without a grant where there is none.
      text: `SELECT a.revision AS projected, c.credit_system, c.state
             FROM ${schema}.accounts a LEFT JOIN ${schema}.closed_grants c
               ON c.account_id = a.account_id AND c.state_version = a.state_version
               AND ($3::text[] IS NULL OR c.grant_id = ANY ($3::text[]))
             WHERE a.customer_id = $1 AND a.state_version = $2
             ORDER BY c.grant_id, c.credit_system`,
    },
    // The subquery is the checkpoint of the last account within the limit: its whole batch belongs to the answer.
    changedAccounts: {
      name: 'changed-accounts',
      text: `SELECT customer_id, revision, checkpoint FROM ${schema}.accounts
             WHERE checkpoint > $1 AND checkpoint <= coalesce(
               (SELECT checkpoint FROM ${schema}.accounts WHERE checkpoint > $1
                ORDER BY checkpoint LIMIT 1 OFFSET $2::bigint - 1), 9223372036854775807)
             ORDER BY checkpoint, customer_id`,
    },
    customerIds: {
      name: 'customer-ids',
      text: `SELECT customer_id FROM ${schema}.accounts WHERE ($1::text IS NULL OR customer_id > $1)
             ORDER BY customer_id LIMIT $2`,
    },
    rememberedIds: {
      name: 'remembered-ids',
      text: `SELECT i.digest, i.fingerprint, i.revision
             FROM ${schema}.accounts a JOIN ${schema}.ids i USING (account_id)
             WHERE a.customer_id = $1 AND ($2::uuid IS NULL OR i.digest > $2)
             ORDER BY i.digest LIMIT $3`,
    },
  } satisfies Record<string, Statement>;
}
