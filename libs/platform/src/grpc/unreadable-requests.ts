import {
  ServerInterceptingCall,
  ServerListenerBuilder,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { failureOf } from './grpc-failure.js';
import { serviceErrorOf } from './grpc-errors.js';
import { malformedRequest, type Refused } from './refused.js';

/** Stands for a message whose bytes are no message of its type. */
class Unreadable {
  constructor(readonly error: unknown) {}
}

/**
 * Makes every service of a package take note of bytes that are no message, where grpc-js would answer INTERNAL as if
 * the fault were ours. `refuseUnreadable` tells the sender.
 */
export function noteUnreadable(definition: PackageDefinition): void {
  for (const service of Object.values(definition)) {
    // A message or enum type, not a service.
    if ('format' in service) continue;
    for (const method of Object.values(service)) {
      const read = method.requestDeserialize;
      method.requestDeserialize = (bytes) => {
        try {
          return read(bytes);
        } catch (error) {
          return new Unreadable(error);
        }
      };
    }
  }
}

/** Answers a message that `noteUnreadable` took note of with INVALID_ARGUMENT, before any handler sees it. */
export const refuseUnreadable: ServerInterceptor = (_, call) =>
  new ServerInterceptingCall(call, {
    start: (next) => {
      next(
        new ServerListenerBuilder()
          .withOnReceiveMessage((message: unknown, hand) => {
            if (message instanceof Unreadable) refuse(call, message);
            else hand(message);
          })
          .build(),
      );
    },
  });

function refuse(call: ServerInterceptingCallInterface, { error }: Unreadable): void {
  const refusal = unreadable(error);
  const failure = failureOf(refusal);
  if (!failure) throw refusal;
  const { code, details, metadata } = serviceErrorOf(failure);
  call.sendStatus({ code, details, metadata });
}

/** Bytes that are no message of their type, and why; INVALID_ARGUMENT. */
export function unreadable(error: unknown, path = '.'): Refused {
  const why = error instanceof Error ? error.message : String(error);
  return malformedRequest([{ path, message: `the bytes are no message of this type: ${why}` }]);
}
