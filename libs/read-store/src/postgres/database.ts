import pg from 'pg';
import { ReadStoreUnavailable } from '../port.js';
import { translated } from './errors.js';
import { ReadingClient } from './reading-client.js';

/** A statement that each connection prepares once, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** What PostgreSQL takes as a parameter; arrays go as literals (array-literal.ts). */
export type Parameter = string | number | bigint | null;

export interface Queries {
  /** The rows. @throws ReadStoreUnavailable */
  query<Row extends pg.QueryResultRow>(statement: Statement, values: readonly Parameter[]): Promise<Row[]>;
  /** How many rows it wrote. @throws ReadStoreUnavailable */
  execute(statement: Statement, values: readonly Parameter[]): Promise<number>;
}

export interface Database extends Queries {
  /** All of `work` or nothing. One statement at a time: a connection is never asked twice at once. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** A connection of its own, for what must not run in a transaction or be timed out. */
  session<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Every transaction of every connection only reads: the server refuses the rest. */
  readonly readonly: boolean;
  /** Connections at most. */
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
  /** Told about connections that broke while nobody used them; the next call gets a new one. */
  readonly onConnectionLost: (error: Error) => void;
}

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    Client: options.readonly ? ReadingClient : pg.Client,
    application_name: 'purser-read-store',
    max: options.poolSize,
    connectionTimeoutMillis: options.connectTimeoutMs,
    query_timeout: options.queryTimeoutMs,
    keepAlive: true,
  });
  // Without listeners a connection that breaks ends the process: idle ones are the pool's, the others our own.
  pool.on('error', options.onConnectionLost);
  pool.on('connect', (client) => client.on('error', () => undefined));
  let closed: Promise<void> | undefined;

  const connect = async (): Promise<pg.PoolClient> => {
    if (closed) throw new ReadStoreUnavailable('PostgreSQL read store: closed');
    return translating(() => pool.connect());
  };

  const session = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const client = await connect();
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      broken = error instanceof ReadStoreUnavailable;
      throw error;
    } finally {
      // One that timed out or broke may still be busy with its last statement.
      client.release(broken);
    }
  };

  return {
    query: (statement, values) => session((client) => queriesOn(client).query(statement, values)),
    execute: (statement, values) => session((client) => queriesOn(client).execute(statement, values)),
    transaction: (work) =>
      session(async (client) => {
        await translating(() => client.query(begin(options.queryTimeoutMs)));
        try {
          const result = await work(queriesOn(client));
          await translating(() => client.query('COMMIT'));
          return result;
        } catch (error) {
          if (!(error instanceof ReadStoreUnavailable)) await translating(() => client.query('ROLLBACK'));
          throw error;
        }
      }),
    session,
    close: () => (closed ??= pool.end()),
  };
}

/** A process that was paused must not hold the checkpoint's lock against the one that took over. */
function begin(timeoutMs: number): string {
  return `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${timeoutMs}; SET LOCAL lock_timeout = ${timeoutMs}`;
}

function queriesOn(client: pg.PoolClient): Queries {
  const run = <Row extends pg.QueryResultRow>({ name, text }: Statement, values: readonly Parameter[]) =>
    translating(() => client.query<Row>({ name, text, values: [...values] }));
  return {
    query: async <Row extends pg.QueryResultRow>(statement: Statement, values: readonly Parameter[]) =>
      (await run<Row>(statement, values)).rows,
    execute: async (statement, values) => (await run(statement, values)).rowCount ?? 0,
  };
}

async function translating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translated(error);
  }
}
