import type { Statement } from './database.js';
import { dictionaryOf } from './transaction-groups.js';

/** What a batch writes: one statement per table, its rows as one array per column. */
export function applyStatements(schema: string) {
  const dictionary = `${dictionaryOf(schema)} AS dictionary`;
  return {
    checkpoint: {
      name: 'checkpoint',
      text: `SELECT position FROM ${schema}.checkpoints WHERE projector = $1`,
    },
    firstCheckpoint: {
      name: 'first-checkpoint',
      text: `INSERT INTO ${schema}.checkpoints (projector, position) VALUES ($1, $2) ON CONFLICT DO NOTHING
             RETURNING ${dictionary}`,
    },
    moveCheckpoint: {
      name: 'move-checkpoint',
      text: `UPDATE ${schema}.checkpoints SET position = $2 WHERE projector = $1 AND position = $3
             RETURNING ${dictionary}`,
    },
    findAccounts: {
      name: 'find-accounts',
      text: `SELECT a.* FROM unnest($1::text[]) AS l (customer_id) CROSS JOIN LATERAL (
               SELECT account_id, customer_id, agenda FROM ${schema}.accounts
               WHERE customer_id = l.customer_id LIMIT 1) AS a`,
    },
    insertAccounts: {
      name: 'insert-accounts',
      text: `INSERT INTO ${schema}.accounts
               (customer_id, revision, head_hash, agenda, state, state_version, checkpoint)
             SELECT customer_id, revision, head_hash, agenda, state, $6::integer, $7::bigint
             FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[])
               AS new (customer_id, revision, head_hash, agenda, state)
             RETURNING account_id, customer_id`,
    },
    updateAccounts: {
      name: 'update-accounts',
      text: `UPDATE ${schema}.accounts AS a
             SET revision = new.revision, head_hash = new.head_hash, agenda = new.agenda, state = new.state,
                 state_version = $6::integer, checkpoint = $7::bigint
             FROM unnest($1::integer[], $2::integer[], $3::text[], $4::text[], $5::text[])
               AS new (account_id, revision, head_hash, agenda, state)
             WHERE a.account_id = new.account_id`,
    },
    insertTransactions: {
      name: 'insert-transactions',
      text: `INSERT INTO ${schema}.transactions (account_id, revision, group_id, occurred_at, recorded_at, event_id,
               change_included, change_purchased, change_promotional, change_held,
               included, purchased, promotional, held, uncovered, usage_source, usage_id, grant_id, hold_id)
             SELECT * FROM unnest($1::integer[], $2::integer[], $3::integer[], $4::timestamptz[], $5::timestamptz[],
               $6::text[], $7::numeric[], $8::numeric[], $9::numeric[], $10::numeric[],
               $11::numeric[], $12::numeric[], $13::numeric[], $14::numeric[], $15::numeric[],
               $16::text[], $17::text[], $18::text[], $19::text[])`,
    },
    insertSpans: {
      name: 'insert-spans',
      text: `INSERT INTO ${schema}.transaction_spans AS s (account_id, stretch, earliest, latest)
             SELECT * FROM unnest($1::integer[], $2::integer[], $3::timestamptz[], $4::timestamptz[])
             ON CONFLICT (account_id, stretch) DO UPDATE
               SET earliest = least(s.earliest, excluded.earliest), latest = greatest(s.latest, excluded.latest)
               WHERE excluded.earliest < s.earliest OR excluded.latest > s.latest`,
    },
    insertIds: {
      name: 'insert-ids',
      text: `INSERT INTO ${schema}.ids (account_id, digest, revision, fingerprint)
             SELECT * FROM unnest($1::integer[], $2::uuid[], $3::integer[], $4::text[])
             ON CONFLICT DO NOTHING`,
    },
    insertClosedGrants: {
      name: 'insert-closed-grants',
      text: `INSERT INTO ${schema}.closed_grants (account_id, grant_id, credit_system, state, state_version)
             SELECT account_id, grant_id, credit_system, state, $5::integer
             FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[])
               AS new (account_id, grant_id, credit_system, state)
             ON CONFLICT (account_id, grant_id, credit_system) DO UPDATE
               SET state = excluded.state, state_version = excluded.state_version`,
    },
    clearAgenda: {
      name: 'clear-agenda',
      text: `DELETE FROM ${schema}.agenda WHERE account_id = ANY ($1::integer[])`,
    },
    insertAgenda: {
      name: 'insert-agenda',
      text: `INSERT INTO ${schema}.agenda (queue, at, account_id, credit_system)
             SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::integer[], $4::text[])
             ON CONFLICT DO NOTHING`,
    },
  } satisfies Record<string, Statement>;
}
