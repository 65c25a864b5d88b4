import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReadStoreUnavailable } from '../port.js';
import { openPostgresReadStore } from './postgres-read-store.js';

describe('a connection that only reads', () => {
  let folder: string;
  let startup: string;
  const server = createServer((socket) => {
    socket.once('data', (bytes) => {
      startup = bytes.subarray(8).toString();
      socket.destroy();
    });
  });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'purser-pg-'));
    server.listen(join(folder, '.s.PGSQL.5432'));
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    ['', '-c default_transaction_read_only=on'],
    ['&options=-c%20search_path%3Dx', '-c search_path=x -c default_transaction_read_only=on'],
    [
      '&options=-c%20default_transaction_read_only%3Doff',
      '-c default_transaction_read_only=off -c default_transaction_read_only=on',
    ],
  ])('is asked for at a socket as anywhere else, beside the options of the URL: %s', async (given, asked) => {
    const url = `postgres://u:s3cret@/x?host=${folder}${given}`;
    const opening = openPostgresReadStore({ url, readonly: true });
    await expect(opening).rejects.toBeInstanceOf(ReadStoreUnavailable);
    expect(startup.split('\0')).toEqual(expect.arrayContaining(['options', asked]));
  });
});
