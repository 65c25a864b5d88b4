import { instantFromMs } from '#domain';
import type { AgendaItem } from '#projections';
import { agendaKind, compareAgendaItems, expiryQueue, SETTLE_QUEUE } from '../agenda-queue.js';
import type { ReadStore } from '../port.js';
import { fromStorableText, toStorableText } from '../storable-text.js';
import { plainArray, textArray } from './array-literal.js';
import type { Database, Statement } from './database.js';
import { ms } from './stored-transaction.js';

/** What is due when, how far usage has been consumed, and who may work on it. */
export type Schedule = Pick<
  ReadStore,
  'due' | 'agenda' | 'publishHorizons' | 'horizons' | 'acquireLease' | 'releaseLease'
>;

interface StoredItem {
  readonly queue: string;
  readonly at_ms: string;
  readonly customer_id: string;
  readonly credit_system: string;
}

export function schedule(db: Database, schema: string): Schedule {
  const statements = statementsFor(schema);
  return {
    async due({ now, usageHorizons, limit }) {
      const horizons = Object.entries(usageHorizons);
      const stored = await db.query<StoredItem>(statements.due, [
        textArray([SETTLE_QUEUE, ...horizons.map(([creditSystem]) => expiryQueue(creditSystem))]),
        plainArray([now, ...horizons.map(([, horizon]) => horizon)]),
        limit,
      ]);
      return stored.map(toAgendaItem).sort(compareAgendaItems);
    },
    async agenda(customerId) {
      const stored = await db.query<StoredItem>(statements.agenda, [toStorableText(customerId)]);
      return stored.map(toAgendaItem).sort(compareAgendaItems);
    },
    async publishHorizons(horizons) {
      if (horizons.length === 0) return;
      // The same partition twice would be one statement changing a row twice; locked in order, against deadlocks.
      const furthest = new Map<string, string>();
      for (const { partition, consumedThrough } of horizons) {
        const known = furthest.get(partition);
        if (known === undefined || known < consumedThrough) furthest.set(partition, consumedThrough);
      }
      const ordered = [...furthest].sort(([a], [b]) => (a < b ? -1 : 1));
      await db.execute(statements.publish, [
        textArray(ordered.map(([partition]) => toStorableText(partition))),
        plainArray(ordered.map(([, consumedThrough]) => consumedThrough)),
      ]);
    },
    async horizons() {
      const stored = await db.query<{ partition: string; through_ms: string }>(statements.horizons, []);
      return stored.map(({ partition, through_ms }) => ({
        partition: fromStorableText(partition),
        consumedThrough: instantFromMs(Number(through_ms)),
      }));
    },
    acquireLease: async (name, holder, ttlMs) =>
      (await db.execute(statements.takeLease, [name, holder, ttlMs])) === 1,
    async releaseLease(name, holder) {
      await db.execute(statements.dropLease, [name, holder]);
    },
  };
}

function toAgendaItem({ queue, at_ms, customer_id, credit_system }: StoredItem): AgendaItem {
  return {
    customerId: fromStorableText(customer_id),
    kind: agendaKind(queue),
    creditSystem: credit_system === '' ? null : fromStorableText(credit_system),
    at: instantFromMs(Number(at_ms)),
  };
}

function statementsFor(schema: string) {
  return {
    due: {
      name: 'due',
      text: `SELECT item.queue, ${ms('item.at')} AS at_ms, a.customer_id, item.credit_system
             FROM (SELECT g.* FROM unnest($1::text[], $2::timestamptz[]) AS q (queue, due) CROSS JOIN LATERAL (
                     SELECT * FROM ${schema}.agenda g WHERE g.queue = q.queue AND g.at <= q.due
                     ORDER BY g.at, g.account_id LIMIT $3) AS g
                   ORDER BY g.at LIMIT $3) AS item
             JOIN ${schema}.accounts a USING (account_id)`,
    },
    agenda: {
      name: 'agenda',
      text: `SELECT g.queue, ${ms('g.at')} AS at_ms, a.customer_id, g.credit_system
             FROM ${schema}.accounts a JOIN ${schema}.agenda g USING (account_id) WHERE a.customer_id = $1`,
    },
    publish: {
      name: 'publish-horizons',
      text: `INSERT INTO ${schema}.horizons AS h (partition, consumed_through)
             SELECT * FROM unnest($1::text[], $2::timestamptz[])
             ON CONFLICT (partition) DO UPDATE SET consumed_through = excluded.consumed_through
               WHERE excluded.consumed_through > h.consumed_through`,
    },
    horizons: {
      name: 'horizons',
      text: `SELECT partition, ${ms('consumed_through')} AS through_ms FROM ${schema}.horizons ORDER BY partition`,
    },
    // The server's clock, read when the row is ours: several machines agree on it.
    takeLease: {
      name: 'take-lease',
      text: `INSERT INTO ${schema}.leases AS l (name, holder, ends_at)
             VALUES ($1, $2, clock_timestamp() + $3::float8 * interval '1 millisecond')
             ON CONFLICT (name) DO UPDATE
               SET holder = excluded.holder, ends_at = clock_timestamp() + $3::float8 * interval '1 millisecond'
               WHERE l.holder = excluded.holder OR l.ends_at <= clock_timestamp()
                 OR l.ends_at > clock_timestamp() + $3::float8 * interval '1 millisecond'`,
    },
    dropLease: {
      name: 'drop-lease',
      text: `DELETE FROM ${schema}.leases WHERE name = $1 AND holder = $2`,
    },
  } satisfies Record<string, Statement>;
}
