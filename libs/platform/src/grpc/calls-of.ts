import type { MethodDefinition, PackageDefinition } from '@grpc/proto-loader';

export interface DefinedCall {
  /** With its package: `purser.v1.LedgerService`. */
  readonly service: string;
  readonly method: string;
  readonly definition: MethodDefinition<object, object>;
}

/** The calls of all services of a package, to be changed before they are served. */
export function* callsOf(definition: PackageDefinition): Generator<DefinedCall> {
  for (const [service, calls] of Object.entries(definition)) {
    // A message or enum type, not a service.
    if ('format' in calls) continue;
    for (const [method, call] of Object.entries(calls)) yield { service, method, definition: call };
  }
}
