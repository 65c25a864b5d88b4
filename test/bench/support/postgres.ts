import pg from 'pg';
import { acquirePostgres, type PostgresServer } from '../../support/postgres.js';
import { median } from '../measurement.js';
import type { Resources } from './resources.js';

/** A PostgreSQL server, ended with the resources. */
export async function postgresServer(resources: Resources): Promise<PostgresServer> {
  return resources.add(await acquirePostgres(), (server) => server.release());
}

/**
 * How fast PostgreSQL alone takes the same rows, already in it: the two tables that grow with every event, copied
 * with their indexes, in one statement each.
 */
export async function copyCeiling(
  readStoreUrl: string,
  rounds: number,
): Promise<{ readonly what: string; readonly value: number }> {
  const client = new pg.Client({ connectionString: readStoreUrl });
  await client.connect();
  try {
    const perSecond: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const table of ['transactions', 'ids']) {
        await client.query(`DROP TABLE IF EXISTS bench_${table}`);
        await client.query(`CREATE TABLE bench_${table} (LIKE purser.${table} INCLUDING ALL)`);
      }
      const from = performance.now();
      const { rowCount } = await client.query(
        'INSERT INTO bench_transactions SELECT * FROM purser.transactions',
      );
      await client.query('INSERT INTO bench_ids SELECT * FROM purser.ids');
      perSecond.push(((rowCount ?? 0) / (performance.now() - from)) * 1000);
    }
    return { what: 'PostgreSQL alone, table to table', value: median(perSecond) };
  } finally {
    await client.end();
  }
}
