import {
  Client,
  credentials,
  loadPackageDefinition,
  Metadata,
  Server,
  status,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeStatusDetails, loaderOptions, protoFiles, STATUS_DETAILS_TRAILER } from '#contracts';
import { noteUnreadable, refuseUnreadable } from './unreadable-requests.js';
import { listen } from './testing/listen.js';

const asIs = (bytes: Buffer): Buffer => bytes;
/** A varint that never ends. */
const NO_MESSAGE = Buffer.alloc(12, 0xff);

describe('a request whose bytes are no message', () => {
  const server = new Server({ interceptors: [refuseUnreadable] });
  let client: Client;
  let handled = 0;

  beforeAll(async () => {
    const definition = loadSync(protoFiles(), loaderOptions);
    noteUnreadable(definition);
    const { WalletService, LedgerService } = (
      loadPackageDefinition(definition) as unknown as {
        purser: { v1: Record<'WalletService' | 'LedgerService', ServiceClientConstructor> };
      }
    ).purser.v1;
    server.addService(WalletService.service, {
      getWallet: (_: unknown, done: (error: null, answer: object) => void) => {
        handled += 1;
        done(null, { revision: 7 });
      },
    });
    server.addService(LedgerService.service, {
      recordUsageStream: (call: NodeJS.ReadWriteStream) => {
        call.on('data', () => (handled += 1));
        call.on('end', () => call.end());
      },
    });
    const address = await listen(server);
    client = new Client(address, credentials.createInsecure());
  });

  afterAll(() => {
    client.close();
    server.forceShutdown();
  });

  const unary = (body: Buffer): Promise<ServiceError | null> =>
    new Promise((resolve) => {
      const path = '/purser.v1.WalletService/GetWallet';
      client.makeUnaryRequest(path, asIs, asIs, body, new Metadata(), {}, (error) => resolve(error));
    });

  function expectRefused(error: ServiceError | null, violation: object = { field: '(message)' }): void {
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
    const [trailer] = error?.metadata.get(STATUS_DETAILS_TRAILER) ?? [];
    expect(decodeStatusDetails(trailer as Buffer)).toMatchObject({
      reason: 'COMMAND_MALFORMED',
      fieldViolations: [violation],
    });
  }

  it('is the sender’s fault, and no handler sees it', async () => {
    expectRefused(await unary(NO_MESSAGE));
    expect(handled).toBe(0);
  });

  it('is one of which a text is cut short, or a value is of another type: no handler sees what it might have been', async () => {
    const cut = Buffer.concat([Buffer.from([0x0a, 0x7f]), Buffer.from('cust_42')]);
    expectRefused(await unary(cut), {
      field: 'customer_id',
      description: 'is cut short: must be 127 bytes, and 7 follow',
    });
    expectRefused(await unary(Buffer.from([0x08, 0x05, 0x12, 0x01, 0x61])), {
      field: 'customer_id',
      description: 'has a value of another type (wire type 0)',
    });
    expect(handled).toBe(0);
  });

  it('is one with a text that is not UTF-8, by the name of its field', async () => {
    expectRefused(await unary(Buffer.from([0x0a, 0x03, 0xff, 0x41, 0x41])), {
      field: 'customer_id',
      description: 'is not UTF-8',
    });
    expect(handled).toBe(0);
  });

  it('ends a stream with the same status, after the messages before it were handed over', async () => {
    const path = '/purser.v1.LedgerService/RecordUsageStream';
    const call = client.makeBidiStreamRequest(path, asIs, asIs, new Metadata(), {});
    const failed = new Promise<ServiceError>((resolve) => call.on('error', resolve));
    call.on('data', () => undefined);
    call.write(Buffer.alloc(0));
    call.write(NO_MESSAGE);
    expectRefused(await failed);
    expect(handled).toBe(1);
  });

  it('leaves the connection to those that are', async () => {
    const before = handled;
    expect(await unary(Buffer.alloc(0))).toBeNull();
    expect(handled).toBe(before + 1);
  });
});
