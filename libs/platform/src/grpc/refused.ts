import { rejectionForFaults, type Fault, type Rejection } from '#domain';

/** Carries a rejection (a value everywhere else) out of a gRPC handler; `GrpcErrors` makes a status of it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly rejection: Rejection) {
    super(rejection.message);
  }
}

/** The request itself makes no sense: every fault of it, by the path of the field. */
export function malformedRequest(faults: readonly Fault[]): Refused {
  return new Refused(rejectionForFaults('COMMAND_MALFORMED', 'the request is malformed', faults));
}
