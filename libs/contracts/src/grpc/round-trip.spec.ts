import {
  Client,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  credentials,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '#domain';
import { loaderOptions } from './loader-options.js';
import type * as rpc from './messages.js';
import { protoFiles, SERVICES } from './proto-files.js';
import { fromTimestamp, toTimestamp } from './timestamp.js';

/** The RPCs of the public contract, by service. */
const CONTRACT: Readonly<Record<(typeof SERVICES)[number], readonly string[]>> = {
  LedgerService: [
    'RecordUsage',
    'RecordUsageStream',
    'PlaceHold',
    'CaptureHold',
    'ReleaseHold',
    'ReverseDebit',
    'GrantCredits',
    'PurchaseCredits',
    'VoidGrant',
    'ConfigureAutoTopUp',
    'ReportTopUpPayment',
    'StartSubscription',
    'ChangeSubscription',
    'CancelSubscription',
  ],
  CatalogService: [
    'DefineCreditSystem',
    'ListCreditSystems',
    'SavePlanDraft',
    'PublishPlan',
    'GetPlan',
    'ListPlans',
    'QuotePurchase',
  ],
  WalletService: [
    'GetWallet',
    'ListWallets',
    'ListTransactions',
    'GetTransaction',
    'CheckAccess',
    'WatchWallet',
  ],
  AuditService: ['ReadEvents', 'VerifyAccount'],
};

const definitions = loadSync(protoFiles(), loaderOptions);
const serviceOf = (name: string) => definitions[`purser.v1.${name}`] as ServiceDefinition;

function methodOf(service: string, name: string) {
  const method = serviceOf(service)[name];
  if (!method) throw new Error(`${service} has no ${name}`);
  return method;
}

describe('the protobuf package', () => {
  it.each(SERVICES)('has every RPC of the contract in %s', (name) => {
    expect(Object.keys(serviceOf(name))).toEqual(expect.arrayContaining([...CONTRACT[name]]));
  });

  it('loads as a package of constructors, as a Nest server does it', () => {
    expect(loadPackageDefinition(definitions)).toHaveProperty('purser.v1.LedgerService.service');
  });
});

describe('a message over the wire', () => {
  const server = new Server();
  let client: Client;
  /** What the server's next call is to answer, given what it got. */
  let answer: (request: unknown) => object;

  beforeAll(async () => {
    for (const name of SERVICES) {
      const service = serviceOf(name);
      const handlers = Object.keys(service).map((method) => [
        method,
        (call: { request: unknown }, done: (error: null, value: object) => void) =>
          done(null, answer(call.request)),
      ]);
      server.addService(service, Object.fromEntries(handlers) as Parameters<Server['addService']>[1]);
    }
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  });

  afterAll(() => {
    client.close();
    server.forceShutdown();
  });

  /** Sends a request; gives the request as the server got it and the response as the client got it. */
  async function call(
    service: string,
    method: string,
    request: object,
    response: object,
  ): Promise<{ readonly received: unknown; readonly got: unknown }> {
    let received: unknown;
    answer = (got) => {
      received = got;
      return response;
    };
    const rpcMethod = methodOf(service, method);
    const got = await new Promise<unknown>((resolve, reject) =>
      client.makeUnaryRequest(
        rpcMethod.path,
        rpcMethod.requestSerialize,
        rpcMethod.responseDeserialize as (bytes: Buffer) => unknown,
        request,
        (error, value) => (error ? reject(error) : resolve(value)),
      ),
    );
    return { received, got };
  }

  it('delivers every field in the shape of its generated type', async () => {
    const request: rpc.RecordUsageRequest = {
      usage: {
        customerId: 'cust_42',
        source: 'api',
        id: 'u1',
        feature: 'image-generation',
        quantity: '0.1',
        time: toTimestamp(instant('2026-11-22T10:00:00.123Z')),
        dimensions: { model: 'xl' },
      },
      mode: 'SYNCHRONOUS',
    };
    const response: rpc.RecordUsageResponse = {
      outcome: 'PARTIALLY_COVERED',
      credits: '1.5',
      draws: [{ grantId: 'g1', source: 'PROMOTIONAL', amount: '1' }],
      uncovered: '0.5',
      disposition: 'BLOCKED',
      wallet: {
        creditSystem: 'ai-tokens',
        totalAvailable: '0',
        included: '0',
        purchased: '0',
        promotional: '0',
        held: '0',
      },
      revision: 4_000_000_000_000,
    };
    const { received, got } = await call('LedgerService', 'RecordUsage', request, response);
    expect(received).toEqual(request);
    expect(got).toEqual(response);
  });

  it('delivers what was not set as the types say: empty texts and lists, null messages, absent optionals', async () => {
    const { received } = await call('LedgerService', 'GrantCredits', {}, {});
    const expected: rpc.GrantCreditsRequest = {
      customerId: '',
      idempotencyKey: '',
      creditSystem: '',
      amount: '',
      reason: '',
      actor: '',
      effectiveAt: null,
      expiresAt: null,
      expiresAfter: '',
      features: [],
    };
    expect({ ...(received as object) }).toStrictEqual(expected);

    const usage = await call('LedgerService', 'RecordUsage', { usage: {} }, {});
    const usageRequest = usage.received as rpc.RecordUsageRequest;
    expect(usageRequest.mode).toBe('METERED');
    expect(usageRequest.usage?.dimensions).toEqual({});
    expect(usage.got).toMatchObject({
      outcome: 'USAGE_OUTCOME_UNSPECIFIED',
      revision: 0,
      wallet: null,
      draws: [],
    });
  });

  it('tells a zero that was given from one that was not', async () => {
    const given = await call('LedgerService', 'GrantCredits', { priority: 0 }, {});
    expect((given.received as rpc.GrantCreditsRequest).priority).toBe(0);
    const read = await call('WalletService', 'GetWallet', { minRevision: 0 }, {});
    expect((read.received as rpc.GetWalletRequest).minRevision).toBe(0);
    const none = await call('WalletService', 'GetWallet', { minRevision: null }, {});
    expect((none.received as rpc.GetWalletRequest).minRevision).toBeUndefined();
  });

  it('keeps optional true and false apart from nothing', async () => {
    const features = [
      { feature: 'a', creditSystem: 's', creditCost: '1', prepaid: false },
      { feature: 'b', creditSystem: 's', creditCost: '1', prepaid: true },
      { feature: 'c', creditSystem: 's', creditCost: '1' },
    ] satisfies rpc.PlanFeature[];
    const { received } = await call(
      'CatalogService',
      'SavePlanDraft',
      { terms: { name: 'Pro', timeZone: '', credits: [], features } },
      {},
    );
    expect((received as rpc.SavePlanDraftRequest).terms?.features.map(({ prepaid }) => prepaid)).toEqual([
      false,
      true,
      undefined,
    ]);
  });

  it('carries one result of a stream without the other', () => {
    const stream = methodOf('LedgerService', 'RecordUsageStream');
    const error: rpc.UsageError = {
      code: 5,
      reason: 'CUSTOMER_UNKNOWN',
      message: 'no customer cust_43',
      metadata: {},
      fieldViolations: [],
    };
    const response: rpc.RecordUsageStreamResponse = { results: [{ error }] };
    const bytes = stream.responseSerialize(response);
    const got = stream.responseDeserialize(bytes) as rpc.RecordUsageStreamResponse;
    expect(got.results[0]?.error).toEqual(error);
    expect(got.results[0]?.recorded).toBeUndefined();
  });

  it('carries stored bytes as they are', () => {
    const read = methodOf('AuditService', 'ReadEvents');
    const data = Buffer.from([0, 255, 128, 10]);
    const bytes = read.responseSerialize({ events: [{ data }] });
    const got = read.responseDeserialize(bytes) as rpc.ReadEventsResponse;
    expect(Buffer.isBuffer(got.events[0]?.data)).toBe(true);
    expect(got.events[0]?.data.equals(data)).toBe(true);
  });
});

describe('a timestamp', () => {
  it.each([
    '1970-01-01T00:00:00.000Z',
    '2026-11-22T10:00:00.123Z',
    '1969-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
  ])('is the instant %s there and back', (text) => {
    const stamp = toTimestamp(instant(text));
    expect(stamp.nanos).toBeGreaterThanOrEqual(0);
    expect(fromTimestamp(stamp)).toBe(text);
  });

  it('is cut off to milliseconds', () => {
    expect(fromTimestamp({ seconds: 0, nanos: 999_999_999 })).toBe('1970-01-01T00:00:00.999Z');
    expect(fromTimestamp({ seconds: -1, nanos: 1 })).toBe('1969-12-31T23:59:59.000Z');
  });

  it.each([
    { seconds: 0, nanos: -1 },
    { seconds: 0, nanos: 1_000_000_000 },
    { seconds: 0.5, nanos: 0 },
    { seconds: NaN, nanos: 0 },
    { seconds: 253_402_300_800, nanos: 0 },
    { seconds: -62_135_596_801, nanos: 0 },
    { seconds: 2 ** 62, nanos: 0 },
  ])('is refused when it is none: %j', (stamp) => {
    expect(() => fromTimestamp(stamp)).toThrow('not an RFC 3339 date-time');
  });
});
