import { createServer, type AddressInfo } from 'node:net';
import { status, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { chainHash, GENESIS_HASH, readLink, type rpc } from '#contracts';
import type { EventStore } from '#event-store';
import { anEvent, openMemoryEventStore } from '#event-store/testing';
import {
  connectService,
  createLogger,
  GrpcServer,
  Health,
  PlatformModule,
  readSettings,
  type ServiceClient,
} from '#platform';
import type { ReadStore } from '#read-store';
import { openMemoryReadStore } from '#read-store/testing';
import { ReadSideModule } from '../read-side.module.js';
import type { ReadSide } from '../read-side.js';
import { startProjecting, untilProjected } from '../testing/projected.js';
import { TestLedger } from '../testing/test-ledger.js';
import { READ_SIDE } from '../tokens.js';

describe('queries over gRPC', () => {
  let eventStore: EventStore;
  let readStore: ReadStore;
  let ledger: TestLedger;
  let stopProjecting: () => Promise<void>;
  let server: INestMicroservice;
  let wallets: ServiceClient<rpc.WalletService>;
  let audit: ServiceClient<rpc.AuditService>;
  let pagesRead = 0;

  beforeAll(async () => {
    eventStore = openMemoryEventStore({ batchSize: 10 });
    const counting: EventStore = {
      ...eventStore,
      readAll: async function* (options) {
        for await (const page of eventStore.readAll(options)) {
          pagesRead += 1;
          yield page;
        }
      },
    };
    readStore = openMemoryReadStore();
    ledger = await new TestLedger(eventStore).withBasicPlan();
    stopProjecting = startProjecting(eventStore, readStore);
    const address = `127.0.0.1:${await freePort()}`;
    const platform = PlatformModule.register({
      settings: readSettings({}),
      logger: createLogger('silent', 'test'),
      clock: { now: () => ledger.now },
    });
    const reads = ReadSideModule.register({ eventStore: counting, readStore });
    const root = await Test.createTestingModule({ imports: [platform, reads] }).compile();
    server = root.createNestMicroservice({ strategy: new GrpcServer(address, new Health()) });
    await server.listen();
    wallets = connectService<rpc.WalletService>('WalletService', address);
    audit = connectService<rpc.AuditService>('AuditService', address);
  });

  afterAll(async () => {
    wallets.close();
    audit.close();
    await server.close();
    await stopProjecting();
  });

  const stream = <T>(
    client: ServiceClient<unknown>,
    method: string,
    request: object,
  ): ClientReadableStream<T> =>
    (client.raw[method] as (request: object) => ClientReadableStream<T>).call(client.raw, request);

  it('answers a wallet by its names on the wire, at the revision just written', async () => {
    await ledger.subscribe('wire');
    await ledger.use('wire', 'u1', '2.5');
    const { wallet } = await wallets.call.getWallet({
      customerId: 'wire',
      creditSystem: 'credits',
      minRevision: ledger.revision('wire'),
    });
    expect(wallet).toMatchObject({
      totalAvailable: '97.5',
      included: '97.5',
      pendingExpiry: '0',
      autoTopUp: null,
      grants: [{ source: 'INCLUDED', expiresAt: { nanos: 0 }, origin: { kind: 'ALLOWANCE' } }],
      revision: 2,
    });
    expect(await wallets.call.listWallets({ customerId: 'wire' })).toMatchObject({ revision: 2 });
    expect(await wallets.call.checkAccess({ customerId: 'wire', feature: 'call' })).toMatchObject({
      allowed: true,
      credits: '1',
      wallet: { totalAvailable: '97.5' },
    });
  });

  it('gives no verdict of more than can be counted: the question is malformed, and its field named', async () => {
    await ledger.subscribe('countless');
    await untilProjected(eventStore, readStore);
    const question = { customerId: 'countless', feature: 'image', quantity: '999999999999999999' };
    const call = wallets.call.checkAccess(question);
    await expect(call).rejects.toMatchObject({ code: status.INVALID_ARGUMENT, reason: 'COMMAND_MALFORMED' });
    await expect(call).rejects.toThrow(/quantity: amount exceeds 18 digits/);
  });

  it('pages through transactions with a token that fits no other filter', async () => {
    await ledger.subscribe('paged');
    for (let i = 0; i < 5; i++) await ledger.use('paged', `u${i}`, '1');
    await untilProjected(eventStore, readStore);
    const first = await wallets.call.listTransactions({ customerId: 'paged', pageSize: 4 });
    expect(first.transactions).toHaveLength(4);
    const second = await wallets.call.listTransactions({
      customerId: 'paged',
      pageToken: first.nextPageToken,
    });
    expect(second.transactions.map(({ type }) => type)).toEqual(['DEBITED', 'GRANTED']);
    expect(second.nextPageToken).toBe('');
    const stolen = wallets.call.listTransactions({
      customerId: 'paged',
      types: ['DEBITED'],
      pageToken: first.nextPageToken,
    });
    await expect(stolen).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    const [newest] = first.transactions;
    const explained = await wallets.call.getTransaction({
      customerId: 'paged',
      transactionId: newest?.transactionId,
    });
    expect(explained).toMatchObject({
      usage: { event: { id: 'u4' } },
      balanceBefore: { totalAvailable: '96' },
    });
  });

  it.each([
    {
      what: 'an unknown customer',
      reason: 'CUSTOMER_UNKNOWN',
      code: status.NOT_FOUND,
      request: { customerId: 'nobody' },
    },
    {
      what: 'an unknown credit system',
      reason: 'CREDIT_SYSTEM_UNKNOWN',
      code: status.NOT_FOUND,
      request: { creditSystem: 'x' },
    },
    {
      what: 'no customer id',
      reason: 'COMMAND_MALFORMED',
      code: status.INVALID_ARGUMENT,
      request: { customerId: '' },
    },
    {
      what: 'a time that is none',
      reason: 'COMMAND_MALFORMED',
      code: status.INVALID_ARGUMENT,
      request: { asOf: { seconds: 1e15, nanos: 0 } },
    },
    {
      what: 'a negative revision',
      reason: 'COMMAND_MALFORMED',
      code: status.INVALID_ARGUMENT,
      request: { minRevision: -1 },
    },
  ])('refuses $what with $reason', async ({ request, reason, code }) => {
    await ledger.subscribe(`refused ${reason}`.toLowerCase()).catch(() => undefined);
    const call = wallets.call.getWallet({ customerId: 'wire', creditSystem: 'credits', ...request });
    await expect(call).rejects.toMatchObject({ code, reason });
  });

  it('refuses a page of more than 1000, naming field and value', async () => {
    const call = wallets.call.listTransactions({ customerId: 'wire', pageSize: 1001 });
    await expect(call).rejects.toThrow(/page_size: must be 1 to 1000, got 1001/);
  });

  it('names the limit of a revision and every digit that was sent, and a token that was not given out', async () => {
    const wallet = { customerId: 'wire', creditSystem: 'credits' };
    await expect(wallets.call.getWallet({ ...wallet, minRevision: -1 })).rejects.toThrow(
      'min_revision: must be 0 to 9007199254740991, got -1',
    );
    await expect(wallets.call.getWallet({ ...wallet, minRevision: 2 ** 62 })).rejects.toThrow(
      'min_revision: must be 0 to 9007199254740991, got about 4611686018427387904',
    );
    const stale = wallets.call.listTransactions({ customerId: 'wire', pageToken: 'stale' });
    await expect(stale).rejects.toThrow('page_token: was not given out for these filters, got "stale"');
    const nowhere = stream(audit, 'readEvents', { afterPosition: 'x' });
    const error = await new Promise<ServiceError>((resolve) => nowhere.on('error', resolve).resume());
    expect(error.details).toContain('after_position: must be as an answer gave it, got "x"');
  });

  it('stops waiting for a revision when the deadline of the call has passed', async () => {
    const call = wallets.call.getWallet(
      { customerId: 'wire', creditSystem: 'credits', minRevision: 999 },
      { timeoutMs: 60 },
    );
    await expect(call).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    const { feed } = server.get<ReadSide>(READ_SIDE);
    while (feed.watches > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  });

  it('watches a wallet until the client goes away', async () => {
    await ledger.subscribe('watched');
    await untilProjected(eventStore, readStore);
    const watching = stream<rpc.WatchWalletResponse>(wallets, 'watchWallet', {
      customerId: 'watched',
      creditSystem: 'credits',
    });
    const seen: (string | undefined)[] = [];
    const twice = new Promise<void>((resolve, reject) => {
      watching.on('error', (error: ServiceError) =>
        error.code === status.CANCELLED ? resolve() : reject(error),
      );
      watching.on('data', ({ wallet }: rpc.WatchWalletResponse) => {
        seen.push(wallet?.totalAvailable);
        if (seen.length === 1) void ledger.use('watched', 'u1', '1');
        else watching.cancel();
      });
    });
    await twice;
    expect(seen).toEqual(['100', '99']);
    const { feed } = server.get<ReadSide>(READ_SIDE);
    while (feed.watches > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  });

  it('tells a watcher of an unknown customer why it ends', async () => {
    const watching = stream(wallets, 'watchWallet', { customerId: 'nobody', creditSystem: 'credits' });
    const error = await new Promise<ServiceError>((resolve) => watching.on('error', resolve).resume());
    expect(error).toMatchObject({ code: status.NOT_FOUND });
  });

  it('streams the journal so that a client can check the hash chain itself', async () => {
    const events: rpc.StoredEvent[] = [];
    const reading = stream<rpc.ReadEventsResponse>(audit, 'readEvents', { customerId: 'paged' });
    for await (const message of reading) events.push(...(message as rpc.ReadEventsResponse).events);
    let previous = GENESIS_HASH;
    for (const event of events) {
      const hash = chainHash(previous, event);
      expect(readLink(event.metadata)).toEqual({ previous, hash });
      previous = hash;
    }
    expect(events).toHaveLength(ledger.revision('paged') + 1);
    expect(await audit.call.verifyAccount({ customerId: 'paged' })).toMatchObject({
      clean: true,
      findings: [],
      eventsChecked: events.length,
      headHash: previous,
      wallets: [{ included: '95' }],
    });
  });

  it('tells who reads the journal of an unknown customer so, and not who has read all of an account', async () => {
    const unknown = stream(audit, 'readEvents', { customerId: 'nobody' });
    const error = await new Promise<ServiceError>((resolve) => unknown.on('error', resolve).resume());
    expect([error.code, error.details]).toEqual([status.NOT_FOUND, 'customer "nobody" has no account']);
    await ledger.subscribe('read');
    const next = { customerId: 'read', fromRevision: ledger.revision('read') + 1 };
    for await (const message of stream(audit, 'readEvents', next)) expect(message).toBeUndefined();
  });

  it('reads all streams from a position on, and no further than a slow reader takes', async () => {
    // Opaque to the reader, and in no account's stream: 400 events of 10 kB.
    for (let i = 0; i < 400; i++) {
      await eventStore.append('catalog-filler', i - 1, [anEvent('x'.repeat(10_000))]);
    }
    pagesRead = 0;
    const reading = stream<rpc.ReadEventsResponse>(audit, 'readEvents', {});
    const first = await new Promise<rpc.ReadEventsResponse>((resolve) => reading.once('data', resolve));
    reading.pause();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(first.events[0]).toMatchObject({ stream: 'catalog', revision: 0 });
    expect(pagesRead).toBeLessThan(25);
    reading.on('error', () => undefined).cancel();

    const after = first.events.at(-1)?.position ?? '';
    const rest: rpc.StoredEvent[] = [];
    for await (const message of stream(audit, 'readEvents', { afterPosition: after, limit: 3 })) {
      rest.push(...(message as rpc.ReadEventsResponse).events);
    }
    expect(rest.map(({ position }) => BigInt(position) - BigInt(after))).toEqual([1n, 2n, 3n]);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
