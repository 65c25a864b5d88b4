import { status, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toTimestamp, type rpc } from '#contracts';
import { instantFromMs } from '#domain';
import { connectService, type ServiceClient } from '#platform';
import { startApp, type AppProcess } from '../support/process.js';

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
