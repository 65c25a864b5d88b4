import { status } from '@grpc/grpc-js';
import { isRejection, rejectionSort, type Fault, type Rejection, type RejectionSort } from '#domain';
import { CallCancelled } from './call-signal.js';
import { NotFound, Refused } from './refused.js';

/** How a call failed, in the words of the public contract. */
export interface GrpcFailure {
  readonly code: status;
  readonly message: string;
  /** `google.rpc.ErrorInfo.reason` */
  readonly reason: string;
  /** `google.rpc.ErrorInfo.metadata`: the numbers involved, as decimal strings. */
  readonly numbers: Readonly<Record<string, string>>;
  /** `google.rpc.BadRequest.field_violations` */
  readonly faults: readonly Fault[];
}

const CODE_OF_SORT: Readonly<Record<RejectionSort, status>> = {
  malformed: status.INVALID_ARGUMENT,
  unknown: status.NOT_FOUND,
  conflict: status.ALREADY_EXISTS,
  precondition: status.FAILED_PRECONDITION,
};

/**
 * Errors that mean "not now, send it again", by name: the ports that throw them may not be imported here.
 * All of them are safe to repeat with the same key.
 */
const RETRIABLE: Readonly<Record<string, { readonly code: status; readonly reason: string }>> = {
  ReadStoreUnavailable: { code: status.UNAVAILABLE, reason: 'READ_STORE_UNAVAILABLE' },
  EventStoreUnavailable: { code: status.UNAVAILABLE, reason: 'EVENT_STORE_UNAVAILABLE' },
  AppendOutcomeUnknown: { code: status.UNAVAILABLE, reason: 'APPEND_OUTCOME_UNKNOWN' },
  AccountQueueFull: { code: status.UNAVAILABLE, reason: 'ACCOUNT_BUSY' },
  LedgerQueueFull: { code: status.UNAVAILABLE, reason: 'LEDGER_BUSY' },
  RevisionNotVisible: { code: status.UNAVAILABLE, reason: 'REVISION_NOT_VISIBLE' },
  ChangeFeedFull: { code: status.UNAVAILABLE, reason: 'TOO_MANY_WATCHES' },
  ShuttingDown: { code: status.UNAVAILABLE, reason: 'SHUTTING_DOWN' },
  ConflictRetriesUsedUp: { code: status.ABORTED, reason: 'CONFLICT_RETRIES_USED_UP' },
  WrongExpectedRevision: { code: status.ABORTED, reason: 'CONFLICT_RETRIES_USED_UP' },
};

/**
 * What a client is told of an error. Undefined: a bug of ours, whose message is nobody's business but the log's.
 */
export function failureOf(error: unknown): GrpcFailure | undefined {
  if (error instanceof Refused) return failureOfRejection(error.rejection);
  if (isRejection(error)) return failureOfRejection(error);
  if (!(error instanceof Error)) return undefined;
  if (error instanceof NotFound) return failure(status.NOT_FOUND, error.message, error.reason);
  if (error instanceof CallCancelled) {
    return failure(status.CANCELLED, error.message, 'CANCELLED');
  }
  const retriable = Object.hasOwn(RETRIABLE, error.name) ? RETRIABLE[error.name] : undefined;
  return retriable && failure(retriable.code, error.message, retriable.reason);
}

/** What a client is told of a bug. */
export const INTERNAL_FAILURE: GrpcFailure = failure(
  status.INTERNAL,
  'an error of the service itself; its log says more',
  'INTERNAL',
);

function failureOfRejection({ reason, message, numbers = {}, faults = [] }: Rejection): GrpcFailure {
  return { code: CODE_OF_SORT[rejectionSort(reason)], message, reason, numbers, faults };
}

function failure(code: status, message: string, reason: string): GrpcFailure {
  return { code, message, reason, numbers: {}, faults: [] };
}
