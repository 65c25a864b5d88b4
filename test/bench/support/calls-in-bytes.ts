import type { Client, MethodDefinition } from '@grpc/grpc-js';

/** A unary call of one method: the request as an object, the answer as the bytes that came. */
export interface CallInBytes<Request, Response> {
  ask(request: Partial<Request>): Promise<Buffer>;
  /** What the bytes say. */
  read(answer: Buffer): Response;
}

/** The method of a client's service. */
export function methodOf<Request, Response>(
  client: Client,
  name: string,
): MethodDefinition<Request, Response> {
  const { service } = client.constructor as typeof Client & {
    readonly service: Readonly<Record<string, MethodDefinition<Request, Response>>>;
  };
  const method = service[name];
  if (!method) throw new Error(`there is no method ${name}`);
  return method;
}

/**
 * Calls whose answers are read later: decoding them is the caller's work, and its collector would stop all callers of
 * this process in the middle of what is measured.
 */
export function callInBytes<Request, Response>(client: Client, name: string): CallInBytes<Request, Response> {
  const { path, requestSerialize, responseDeserialize } = methodOf<Request, Response>(client, name);
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, requestSerialize, asIs, request as Request, (error, answer) => {
          if (error) reject(error);
          else if (answer) resolve(answer);
          else reject(new Error(`${name} was answered with nothing`));
        });
      }),
    read: responseDeserialize,
  };
}

export function asIs(bytes: Buffer): Buffer {
  return bytes;
}
