import {
  credentials,
  makeClientConstructor,
  status,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { service } from 'grpc-health-check';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '#contracts';
import type { HealthReport } from '#platform';
import { freePort, startApp, until, type AppProcess } from '../support/process.js';

const HealthClient = makeClientConstructor(service, 'Health');

let folder: string;
let app: AppProcess;
let client: InstanceType<typeof HealthClient>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purser-health-'));
  app = await startApp('standalone', { DATA_DIR: folder });
  client = new HealthClient(app.grpcAddress, credentials.createInsecure());
  // It is told every second what readiness says.
  while (!isServing(await check(''))) await delay(50);
});

afterAll(async () => {
  client.close();
  await app.kill();
  await rm(folder, { recursive: true, force: true });
});

function check(name: string): Promise<unknown> {
  const ask = client['check'] as (
    request: object,
    done: (error: ServiceError | null, answer: unknown) => void,
  ) => void;
  return new Promise((resolve, reject) => {
    ask.call(client, { service: name }, (error, answer) => {
      if (error) reject(error);
      else resolve(answer);
    });
  });
}

function watch(name: string): ClientReadableStream<unknown> {
  const open = client['watch'] as (request: object) => ClientReadableStream<unknown>;
  return open.call(client, { service: name });
}

function isServing(answer: unknown): boolean {
  return (answer as { readonly status: string }).status === 'SERVING';
}

it('a probe may ask about the process or about any of its services', async () => {
  for (const name of ['', ...SERVICES.map((each) => `purser.v1.${each}`)])
    expect(await check(name)).toMatchObject({ status: 'SERVING' });
  await expect(check('purser.v1.Nothing')).rejects.toMatchObject({ code: status.NOT_FOUND });
});

it('a watcher hears changes only, and does not hold up the end of the process, which ends its call', async () => {
  const call = watch('');
  const heard: unknown[] = [];
  call.on('data', (answer: { status: string }) => heard.push(answer.status));
  const failed = once(call, 'error') as Promise<[ServiceError]>;
  await delay(3_000);
  expect(heard).toEqual(['SERVING']);
  const before = Date.now();
  expect(await app.stop()).toBe(0);
  const [{ code }] = await failed;
  expect(code).toBe(status.UNAVAILABLE);
  expect(heard).toEqual(['SERVING', 'NOT_SERVING']);
  // A call that is still open is waited for five seconds.
  expect(Date.now() - before).toBeLessThan(4_500);
});

it('a process is ready though its broker is away, says so, and tells it now and then, not many times a second', async () => {
  const environment = { DATA_DIR: folder, KAFKA_BROKERS: `127.0.0.1:${await freePort()}` };
  const alone = await startApp('standalone', environment, { waitForReady: false });
  try {
    await until('it is ready', () =>
      fetch(`${alone.httpUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    const { parts } = (await (await fetch(`${alone.httpUrl}/readyz`)).json()) as HealthReport;
    expect(parts).toMatchObject({ 'event store': 'ok', 'read store': 'ok', projector: 'ok' });
    expect(parts['usage stream']).not.toBe('ok');
    await delay(5_000);
    expect(alone.output().split('\n').length).toBeLessThan(15);
  } finally {
    await alone.kill();
  }
});
