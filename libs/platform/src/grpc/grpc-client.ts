import { credentials, loadPackageDefinition, Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import {
  decodeStatusDetails,
  loaderOptions,
  protoFiles,
  STATUS_DETAILS_TRAILER,
  type SERVICES,
} from '#contracts';

/** Requests may leave fields out, as in every proto3 client. */
type Request<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** The unary calls of a service, as promises. */
export type ServiceCalls<S> = {
  readonly [M in keyof S as S[M] extends (request: never) => Promise<unknown> ? M : never]: S[M] extends (
    request: infer Q,
  ) => Promise<infer R>
    ? (request: Request<Q>, options?: { readonly timeoutMs?: number }) => Promise<R>
    : never;
};

export interface ServiceClient<S> {
  readonly call: ServiceCalls<S>;
  /** For streaming calls. */
  readonly raw: Client & Record<string, unknown>;
  close(): void;
}

/** A call that was refused or failed, with the reason of `google.rpc.ErrorInfo`. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  constructor(
    readonly method: string,
    readonly code: number,
    readonly reason: string,
    details: string,
    readonly metadata: Readonly<Record<string, string>>,
    options: { cause: unknown },
  ) {
    super(`${method}: ${details}`, options);
  }
}

const DEFAULT_TIMEOUT_MS = 30_000;

type Callback = (error: ServiceError | null, response: unknown) => void;
type UnaryMethod = (
  request: unknown,
  metadata: Metadata,
  options: { deadline: number },
  done: Callback,
) => void;
type ServiceConstructor = new (
  address: string,
  credentials: unknown,
  options: object,
) => Client & Record<string, unknown>;

let services: Record<string, ServiceConstructor> | undefined;

/** A client of one service of `purser.v1`, for command lines and tests of ours. */
export function connectService<S>(service: (typeof SERVICES)[number], address: string): ServiceClient<S> {
  services ??= (
    loadPackageDefinition(loadSync(protoFiles(), loaderOptions)) as unknown as {
      purser: { v1: Record<string, ServiceConstructor> };
    }
  ).purser.v1;
  const Service = services[service];
  if (!Service) throw new Error(`purser.v1 has no ${service}`);
  const raw = new Service(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': 64 * 1_048_576,
  });
  const call = new Proxy(
    {},
    {
      get:
        (_, method: string) =>
        (request: unknown, { timeoutMs = DEFAULT_TIMEOUT_MS }: { timeoutMs?: number } = {}) =>
          unary(raw, method, request, timeoutMs),
    },
  ) as ServiceCalls<S>;
  return {
    call,
    raw,
    close: () => {
      raw.close();
    },
  };
}

function unary(
  raw: Client & Record<string, unknown>,
  method: string,
  request: unknown,
  timeoutMs: number,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const send = raw[method] as UnaryMethod | undefined;
    if (!send) {
      reject(new Error(`there is no call ${method}`));
      return;
    }
    send.call(raw, request, new Metadata(), { deadline: Date.now() + timeoutMs }, (error, response) => {
      if (error) reject(callFailed(method, error));
      else resolve(response);
    });
  });
}

/** Makes the error of a call readable: with the reason and the numbers out of its trailers. */
export function callFailed(method: string, error: ServiceError): CallFailed {
  const [trailer] = error.metadata.get(STATUS_DETAILS_TRAILER);
  const details = trailer instanceof Buffer ? decodeStatusDetails(trailer) : undefined;
  return new CallFailed(method, error.code, details?.reason ?? '', error.details, details?.metadata ?? {}, {
    cause: error,
  });
}
