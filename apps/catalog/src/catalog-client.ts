import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { decodeStatusDetails, loaderOptions, protoFiles, STATUS_DETAILS_TRAILER, type rpc } from '#contracts';

/** An answer takes milliseconds; after this long nobody is going to give one. */
const DEADLINE_MS = 15_000;
const ATTEMPTS = 4;

/** A call that was refused or failed, in words for the terminal. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  constructor(
    message: string,
    /** `google.rpc.ErrorInfo.reason`, or the name of the status where there is none. */
    readonly reason: string,
  ) {
    super(message);
  }
}

/** Nobody answers at the address. */
export class ServiceAway extends Error {
  override readonly name = 'ServiceAway';
}

export type CatalogService = rpc.CatalogService;

export interface CatalogClient extends CatalogService {
  close(): void;
}

/** The catalog of a running service. What may be sent again is sent again, with the same idempotency key. */
export function connectCatalog(address: string): CatalogClient {
  const service = loadSync(protoFiles(), loaderOptions)['purser.v1.CatalogService'] as ServiceDefinition;
  const client = new Client(address, credentials.createInsecure());
  const call =
    <Response>(method: string) =>
    async (request: object): Promise<Response> => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await callOnce<Response>(client, service, method, request);
        } catch (error) {
          if (attempt === ATTEMPTS || !mayBeSentAgain(error)) throw explained(error, address, method);
          await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
        }
      }
    };
  return {
    defineCreditSystem: call('DefineCreditSystem'),
    renameCreditSystem: call('RenameCreditSystem'),
    describeCreditSystem: call('DescribeCreditSystem'),
    changeLateUsageGrace: call('ChangeLateUsageGrace'),
    listCreditSystems: call('ListCreditSystems'),
    savePlanDraft: call('SavePlanDraft'),
    publishPlan: call('PublishPlan'),
    getPlan: call('GetPlan'),
    listPlans: call('ListPlans'),
    quotePurchase: call('QuotePurchase'),
    close: () => {
      client.close();
    },
  };
}

function callOnce<Response>(
  client: Client,
  service: ServiceDefinition,
  method: string,
  request: object,
): Promise<Response> {
  const definition = service[method];
  if (!definition) throw new Error(`CatalogService has no method ${method}`);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      definition.path,
      (message: object) => definition.requestSerialize(message),
      // proto-loader cannot say it in types: the answer has the generated shape.
      (bytes: Buffer) => definition.responseDeserialize(bytes) as Response,
      request,
      new Metadata(),
      { deadline: Date.now() + DEADLINE_MS },
      (error, response) => {
        if (response !== undefined) resolve(response);
        else reject(error ?? new Error(`${method} was answered with nothing`));
      },
    );
  });
}

/** The service is there, but a store of it is away or busy. */
function mayBeSentAgain(error: unknown): boolean {
  if (!isServiceError(error)) return false;
  return (
    error.code === status.ABORTED || (error.code === status.UNAVAILABLE && detailsOf(error) !== undefined)
  );
}

function explained(error: unknown, address: string, method: string): Error {
  if (!isServiceError(error)) return error instanceof Error ? error : new Error(String(error));
  const details = detailsOf(error);
  if (error.code === status.UNAVAILABLE && !details) {
    return new ServiceAway(
      `no service answers at ${address} (${shortly(error.details)}): start one with \`npm start\`, or name another with --address host:port`,
    );
  }
  if (error.code === status.UNIMPLEMENTED) {
    return new ServiceAway(`the service at ${address} does not take catalog commands: is it the ledger?`);
  }
  if (error.code === status.DEADLINE_EXCEEDED) {
    return new ServiceAway(`the service at ${address} did not answer within ${DEADLINE_MS / 1000} s`);
  }
  const reason = details?.reason ?? status[error.code];
  return new CallFailed(`${method} failed with ${reason}: ${error.details}`, reason);
}

/** What grpc-js says of a connection that failed, without how it looked up the address. */
function shortly(details: string): string {
  return details.replace(/^.*Last error: (Error: )?/, '').replace(/\.? Resolution note:.*$/s, '');
}

function detailsOf({ metadata }: ServiceError): { readonly reason: string } | undefined {
  const [trailer] = metadata.get(STATUS_DETAILS_TRAILER);
  return trailer instanceof Buffer ? decodeStatusDetails(trailer) : undefined;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}
