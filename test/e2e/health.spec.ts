import { credentials, makeClientConstructor, status, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { service } from 'grpc-health-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '#contracts';
import { startApp, type AppProcess } from '../support/process.js';

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

function isServing(answer: unknown): boolean {
  return (answer as { readonly status: string }).status === 'SERVING';
}

it('a probe may ask about the process or about any of its services', async () => {
  for (const name of ['', ...SERVICES.map((each) => `purser.v1.${each}`)])
    expect(await check(name)).toMatchObject({ status: 'SERVING' });
  await expect(check('purser.v1.Nothing')).rejects.toMatchObject({ code: status.NOT_FOUND });
});
