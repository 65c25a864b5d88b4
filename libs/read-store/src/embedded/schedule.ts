import type { Database } from 'better-sqlite3';
import { instantFromMs, toMs } from '#domain';
import type { AgendaItem } from '#projections';
import { agendaKind, compareAgendaItems, expiryQueue, SETTLE_QUEUE } from '../agenda-queue.js';
import type { DueQuery, PartitionHorizon } from '../port.js';
import { fromStorableText, toStorableText } from '../storable-text.js';
import { isBusy } from './errors.js';

/** What is due when, how far usage has been consumed, and who may work on it. */
export interface Schedule {
  due(query: DueQuery): readonly AgendaItem[];
  agenda(customerId: string): readonly AgendaItem[];
  publishHorizons(horizons: readonly PartitionHorizon[]): void;
  horizons(): readonly PartitionHorizon[];
  acquireLease(name: string, holder: string, ttlMs: number): boolean;
  releaseLease(name: string, holder: string): void;
}

interface StoredItem {
  readonly queue: string;
  readonly at: number;
  readonly customer_id: string;
  readonly credit_system: string;
}

/**
 * How long horizons wait for another's write. They come again each second, from a thread that has usage to take in
 * meanwhile; a large batch of the projector holds the file for seconds.
 */
const HORIZONS_WAIT_MS = 5;

/** @param busyTimeoutMs how long everything else waits for another's write */
export function schedule(db: Database, busyTimeoutMs: number): Schedule {
  // +?, because SQLite plans a query anew whenever a bare parameter of LIMIT is bound.
  const dueInQueue = db.prepare<[string, number, number], StoredItem>(
    `SELECT queue, at, customer_id, credit_system FROM agenda JOIN accounts USING (account_id)
     WHERE queue = ? AND at <= ? ORDER BY at, account_id LIMIT +?`,
  );
  const agendaOfAccount = db.prepare<[string], StoredItem>(
    `SELECT queue, at, customer_id, credit_system FROM accounts JOIN agenda USING (account_id)
     WHERE customer_id = ?`,
  );
  const publish = db.prepare<[string, number]>(
    `INSERT INTO horizons (partition, consumed_through) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET consumed_through = max(consumed_through, excluded.consumed_through)`,
  );
  const allHorizons = db.prepare<[], { partition: string; consumed_through: number }>(
    'SELECT partition, consumed_through FROM horizons ORDER BY partition',
  );
  const takeLease = db.prepare<[{ name: string; holder: string; now: number; endsAt: number }]>(
    `INSERT INTO leases (name, holder, ends_at) VALUES (@name, @holder, @endsAt)
     ON CONFLICT DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
     WHERE holder = excluded.holder OR ends_at <= @now OR ends_at > @endsAt`,
  );
  const dropLease = db.prepare<[string, string]>('DELETE FROM leases WHERE name = ? AND holder = ?');

  const publishAll = db.transaction((horizons: readonly PartitionHorizon[]) => {
    for (const { partition, consumedThrough } of horizons) {
      publish.run(toStorableText(partition), toMs(consumedThrough));
    }
  });

  // The clock is read once the lock is held: by the time it is, another may have taken the lease.
  const acquire = db.transaction((name: string, holder: string, ttlMs: number): boolean => {
    const now = Date.now();
    return takeLease.run({ name, holder, now, endsAt: now + ttlMs }).changes === 1;
  });

  return {
    due({ now, usageHorizons, limit }) {
      const settle = dueInQueue.all(SETTLE_QUEUE, toMs(now), limit);
      const expiry = Object.entries(usageHorizons).flatMap(([creditSystem, horizon]) =>
        dueInQueue.all(expiryQueue(creditSystem), toMs(horizon), limit),
      );
      return [...settle, ...expiry].map(toAgendaItem).sort(compareAgendaItems).slice(0, limit);
    },
    agenda: (customerId) =>
      agendaOfAccount.all(toStorableText(customerId)).map(toAgendaItem).sort(compareAgendaItems),
    publishHorizons(horizons) {
      db.pragma(`busy_timeout = ${HORIZONS_WAIT_MS}`);
      try {
        publishAll.immediate(horizons);
      } catch (error) {
        if (!isBusy(error)) throw error;
      } finally {
        db.pragma(`busy_timeout = ${busyTimeoutMs}`);
      }
    },
    horizons: () =>
      allHorizons.all().map(({ partition, consumed_through }) => ({
        partition: fromStorableText(partition),
        consumedThrough: instantFromMs(consumed_through),
      })),
    acquireLease: (name, holder, ttlMs) => acquire.immediate(name, holder, ttlMs),
    releaseLease: (name, holder) => void dropLease.run(name, holder),
  };
}

function toAgendaItem({ queue, at, customer_id, credit_system }: StoredItem): AgendaItem {
  return {
    customerId: fromStorableText(customer_id),
    kind: agendaKind(queue),
    creditSystem: credit_system === '' ? null : fromStorableText(credit_system),
    at: instantFromMs(at),
  };
}
