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

/** What only readers ask for is not there; what commands ask for is refused by the domain, in its own words. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
  constructor(
    /** `google.rpc.ErrorInfo.reason`: `TRANSACTION_UNKNOWN`. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}
