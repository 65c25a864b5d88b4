import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startLoopback } from '#event-store/testing/loopback';
import { acquirePostgres } from '../support/postgres.js';
import { startApp } from '../support/process.js';

describe('a wrong environment ends a process with status 2 and one message', () => {
  let folder: string;
  let other: Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'purser-wrong-'));
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
  });
  afterAll(async () => {
    other.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function said(environment: Readonly<Record<string, string>>): Promise<string> {
    const app = await startApp('standalone', { DATA_DIR: folder, ...environment }, { waitForReady: false });
    expect(await app.ended).toBe(2);
    return app.output();
  }

  async function aFile(name: string): Promise<string> {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), 'no database at all, but long enough to be one'.repeat(100));
    return join(folder, name);
  }

  it.each(['GRPC_ADDRESS', 'HTTP_ADDRESS'])('where %s is in use', async (variable) => {
    const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect(await said({ [variable]: taken })).toBe(
      `purser: ${variable}="${taken}": address in use: is another purser running?\n`,
    );
  });

  it('where GRPC_ADDRESS is taken while the stores are waited for', async () => {
    const server = await acquirePostgres({ own: true });
    const taking = createServer();
    try {
      const READ_STORE_URL = await server.createDatabase();
      await server.kill();
      const app = await startApp('standalone', { DATA_DIR: folder, READ_STORE_URL }, { waitForReady: false });
      while (!app.output().includes('read store')) await delay(20);
      taking.listen(Number(app.grpcAddress.split(':')[1]), '127.0.0.1');
      await once(taking, 'listening');
      await server.restart();
      expect(await app.ended).toBe(2);
      expect(app.output()).toMatch(
        new RegExp(
          `\\npurser: GRPC_ADDRESS="${app.grpcAddress}": address in use: is another purser running\\?\\n$`,
        ),
      );
      expect(app.output()).not.toMatch(/^ +at /m);
    } finally {
      taking.close();
      await server.release();
    }
  }, 60_000);

  it('where DATA_DIR is a file', async () => {
    const file = await aFile('file');
    expect(await said({ DATA_DIR: file })).toBe(
      `purser: DATA_DIR="${file}": the folder of ${file}/events.db cannot be made: EEXIST: file already exists, mkdir '${file}'\n`,
    );
  });

  it('where a store is a file that is no database', async () => {
    const [events, read] = [await aFile('a/events.db'), await aFile('b/read.db')];
    expect(await said({ DATA_DIR: join(folder, 'a') })).toBe(
      `purser: DATA_DIR="${join(folder, 'a')}": event store ${events} is not a database\n`,
    );
    expect(await said({ READ_STORE_URL: `sqlite:${read}` })).toBe(
      `purser: READ_STORE_URL="sqlite:${read}": read store ${read} is not a database\n`,
    );
  });

  it('where a store is a folder', async () => {
    expect(await said({ EVENT_STORE_URL: `sqlite:${folder}` })).toBe(
      `purser: EVENT_STORE_URL="sqlite:${folder}": ${folder} is a folder, not a file\n`,
    );
  });

  it('where the read store is a file of something else, which stays as it is', async () => {
    const kept = await startApp('standalone', { DATA_DIR: join(folder, 'c') });
    await kept.stop();
    const events = join(folder, 'c', 'events.db');
    const before = await readFile(events);
    expect(await said({ EVENT_STORE_URL: `sqlite:${folder}/d.db`, READ_STORE_URL: `sqlite:${events}` })).toBe(
      `purser: READ_STORE_URL="sqlite:${events}": ${events} is an SQLite file, but not a read store\n`,
    );
    expect((await readFile(events)).equals(before)).toBe(true);
  });

  it('where a URL cannot be read, without its password', async () => {
    expect(await said({ EVENT_STORE_URL: 'esdb://admin:s3cret@h:1?tls=maybe' })).toBe(
      'purser: EVENT_STORE_URL="esdb://admin:…@h:1?tls=maybe": the connection string of EventStoreDB: option tls="maybe" must be true or false\n',
    );
    expect(await said({ READ_STORE_URL: 'postgres://u:s3@cret@h:99999/x' })).toMatch(
      /^purser: READ_STORE_URL="postgres:\/\/u:…@h:99999\/x": the URL of PostgreSQL: it cannot be read; the port .*\n$/,
    );
  });

  it('where the server is older than what is needed', async () => {
    const server = await startLoopback({ calledVersion: '22.10.5' });
    try {
      expect(await said({ EVENT_STORE_URL: server.url })).toMatch(
        /^purser: EVENT_STORE_URL="esdb:.*": the server is EventStoreDB 22\.10\.5, and 23\.10 or later is needed\n$/,
      );
    } finally {
      await server.stop();
    }
  });
});
