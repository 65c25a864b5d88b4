import { status, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { toTimestamp, type rpc } from '#contracts';
import { instantFromMs } from '#domain';
import { connectService, type ServiceClient } from '#platform';
import { freePort, startApp, until, type AppProcess } from '../support/process.js';

type UsageStream = ClientDuplexStream<rpc.RecordUsageStreamRequest, rpc.RecordUsageStreamResponse>;

let folder: string;
let app: AppProcess;
let client: ServiceClient<rpc.LedgerService>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purser-stopping-'));
  app = await startApp('standalone', { DATA_DIR: folder });
  client = connectService<rpc.LedgerService>('LedgerService', app.grpcAddress);
});

afterAll(async () => {
  client.close();
  await app.kill();
  await rm(folder, { recursive: true, force: true });
});

it('a process that stops answers the usage it has read and ends the stream with SHUTTING_DOWN, not broken off', async () => {
  const open = client.raw['recordUsageStream'] as () => UsageStream;
  const stream = open.call(client.raw);
  let sent = 0;
  let answered = 0;
  const send = (): void => {
    const usage = { customerId: 'ann', source: 'spec', id: `u${sent++}`, feature: 'call', quantity: '1' };
    const time = toTimestamp(instantFromMs(Date.now()));
    stream.write({ usages: [{ ...usage, time, dimensions: {} }], mode: 'METERED' });
  };
  // A client that sends the next event when it has the answer to the one before, for as long as it is answered.
  stream.on('data', () => {
    answered += 1;
    send();
  });
  const failed = once(stream, 'error') as Promise<[ServiceError]>;
  send();
  await once(stream, 'data');
  expect(await app.stop()).toBe(0);
  const [{ code, details }] = await failed;
  expect({ code, details }).toEqual({ code: status.UNAVAILABLE, details: 'this process is shutting down' });
  // The one that came too late is not counted, and may be sent again.
  expect(sent - answered).toBeLessThanOrEqual(1);
});

it('a process whose store is away is alive, says what it waits for, and stops when it is told to', async () => {
  const away = `postgres://purser@127.0.0.1:${await freePort()}/purser`;
  const waiting = await startApp(
    'standalone',
    { DATA_DIR: folder, READ_STORE_URL: away },
    { waitForReady: false },
  );
  try {
    const asked = (path: string): Promise<Response> => fetch(`${waiting.httpUrl}/${path}`);
    await until('it is there', () =>
      asked('healthz').then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    await until('it says what it waits for', async () => {
      const answer = await asked('readyz');
      const { parts } = (await answer.json()) as { parts: Record<string, string> };
      expect({ status: answer.status, process: parts['process'] }).toEqual({
        status: 503,
        process: 'starting',
      });
      return parts['read store']?.includes('ECONNREFUSED') ?? false;
    });
    expect(await waiting.stop()).toBe(0);
  } finally {
    await waiting.kill();
  }
});

it('a process that is signalled again while it stops ends its work and with status 0', async () => {
  const signalled = await startApp('standalone', { DATA_DIR: folder });
  const usage = connectService<rpc.LedgerService>('LedgerService', signalled.grpcAddress);
  try {
    // Open and silent: it is waited for a little.
    const call = (usage.raw['recordUsageStream'] as () => UsageStream).call(usage.raw);
    call.on('error', () => undefined);
    await once(
      call.on('data', () => undefined),
      'metadata',
      { signal: AbortSignal.timeout(1_000) },
    ).catch(() => undefined);
    signalled.signal('SIGTERM');
    await delay(50);
    signalled.signal('SIGTERM');
    signalled.signal('SIGINT');
    expect(await signalled.ended).toBe(0);
  } finally {
    usage.close();
    await signalled.kill();
  }
});

it.each(['SIGINT', 'SIGTERM'] as const)(
  'npm’s script hands %s on to the process and ends as it does',
  async (name) => {
    const [grpc, http] = [await freePort(), await freePort()];
    const script = spawn(process.execPath, ['scripts/start.mjs'], {
      env: {
        PATH: process.env['PATH'],
        LOG_LEVEL: 'warn',
        DATA_DIR: folder,
        GRPC_ADDRESS: `127.0.0.1:${grpc}`,
        HTTP_ADDRESS: `127.0.0.1:${http}`,
      },
      stdio: 'ignore',
    });
    const ended = once(script, 'exit');
    const ready = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${http}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('it is ready', ready);
    script.kill(name);
    expect(await ended).toEqual([0, null]);
    expect(await ready()).toBe(false);
  },
);
