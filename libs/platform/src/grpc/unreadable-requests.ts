import {
  ServerInterceptingCall,
  ServerListenerBuilder,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { compileMessageCheck, MalformedMessage, requestType } from '#contracts';
import { callsOf } from './calls-of.js';
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
  for (const { service, method, definition: call } of callsOf(definition)) {
    const read = call.requestDeserialize;
    const check = compileMessageCheck(requestType(service, method));
    call.requestDeserialize = (bytes) => {
      try {
        check(bytes);
        return read(bytes);
      } catch (error) {
        return new Unreadable(error);
      }
    };
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

/** The library counts bytes where it gave up, which says nothing to a sender. */
const NO_MESSAGE = 'the bytes are no message of this type: they do not follow each other as fields do';

/**
 * Bytes that are no message of their type; INVALID_ARGUMENT.
 * @param path where in the request they stand
 */
export function unreadable(error: unknown, path?: string): Refused {
  if (error instanceof MalformedMessage) {
    const field = path === undefined ? error.path : `${path}.${error.path}`;
    return malformedRequest([{ path: field, message: error.fault }]);
  }
  return malformedRequest([{ path: path ?? '(message)', message: NO_MESSAGE }]);
}
