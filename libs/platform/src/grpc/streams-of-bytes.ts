import type { PackageDefinition } from '@grpc/proto-loader';
import { callsOf } from './calls-of.js';

/**
 * Makes the bidirectional calls of a package carry bytes: a message is read when its turn has come, and its answer
 * may be written piece by piece. grpc-js reads ahead, and a few messages of a thousand usage events each, waiting as
 * objects, would be most of what the garbage collector has to carry from one generation to the next.
 */
export function carryBytes(definition: PackageDefinition): void {
  for (const { definition: call } of callsOf(definition)) {
    if (!call.requestStream || !call.responseStream) continue;
    call.requestDeserialize = asIs;
    call.responseSerialize = asIs as (bytes: object) => Buffer;
  }
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
