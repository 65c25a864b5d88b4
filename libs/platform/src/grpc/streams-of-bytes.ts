import type { PackageDefinition } from '@grpc/proto-loader';

/**
 * Makes the bidirectional calls of a package carry bytes: a message is read when its turn has come, and its answer
 * may be written piece by piece. grpc-js reads ahead, and a few messages of a thousand usage events each, waiting as
 * objects, would be most of what the garbage collector has to carry from one generation to the next.
 */
export function carryBytes(definition: PackageDefinition): void {
  for (const service of Object.values(definition)) {
    // A message or enum type, not a service.
    if ('format' in service) continue;
    for (const call of Object.values(service)) {
      if (!call.requestStream || !call.responseStream) continue;
      call.requestDeserialize = asIs;
      call.responseSerialize = asIs as (bytes: object) => Buffer;
    }
  }
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
