import type { ProjectionBatch } from '../port.js';
import type { Database } from './database.js';
import { translated } from './errors.js';

const TABLES = ['accounts', 'transactions', 'ids', 'closed_grants', 'agenda', 'transaction_spans'];
/** Transactions of a rebuild until the planner is told for the first time; then at each ten times as many. */
const FIRST_ANALYSIS = 10_000;
const GROWTH = 10;

/**
 * While a store is rebuilt from nothing its tables grow faster than PostgreSQL's own statistics follow, and the
 * planner would go on reading whole tables that it believes to be empty. Batches of a store that was not empty
 * cost nothing here.
 * @returns to be called after each batch written
 */
export function rebuildStatistics(db: Database, schema: string): (batch: ProjectionBatch) => Promise<void> {
  const rebuilding = new Map<string, { written: number; next: number }>();
  return async (batch) => {
    if (batch.after === undefined) rebuilding.set(batch.projector, { written: 0, next: FIRST_ANALYSIS });
    const progress = rebuilding.get(batch.projector);
    if (!progress) return;
    for (const change of batch.changes) progress.written += change.transactions.length;
    if (progress.written < progress.next) return;
    progress.next *= GROWTH;
    await analyze(db, schema);
  };
}

export async function analyze(db: Database, schema: string): Promise<void> {
  await db.session(async (client) => {
    try {
      await client.query(`ANALYZE ${TABLES.map((table) => `${schema}.${table}`).join(', ')}`);
    } catch (error) {
      throw translated(error);
    }
  });
}
