import { status, type ServiceError } from '@grpc/grpc-js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';

/** What a failed call means for the one who made it. */
export type Failure =
  /** Certainly not done; may work later. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** Certainly not done: the credentials do not suffice, or there are none. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** This node is not the leader; the client goes to the leader next. */
  | { readonly kind: 'not-leader' }
  /** Done or not done: nobody knows. */
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'conflict'; readonly actualRevision: number | undefined }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  /** Certainly not done, and never will be: somebody's mistake. */
  | { readonly kind: 'refused'; readonly reason: string };

const DENIED = 'access denied: check the credentials in the connection string and the stream’s access rights';

const DENIED_CODES = new Set([status.PERMISSION_DENIED, status.UNAUTHENTICATED]);
const MISTAKE_CODES: ReadonlySet<number> = new Set([status.INVALID_ARGUMENT, status.UNIMPLEMENTED]);

/** Before the request was on its way. */
const NEVER_SENT =
  /^(No connection established|Name resolution failed|Failed to discover|Channel has been shut down)/;

/** Errors that the server words but does not number: busy, starting up, electing a leader. */
const NOT_NOW = /not ready|too busy|is busy|no leader info/i;
const MISTAKE = /bad ?request|required field|required metadata|not a valid|invalid argument/i;

/** The failure in words. */
export function reasonOf(failure: Failure): string {
  return 'reason' in failure ? failure.reason : failure.kind;
}

/** Reads the error of a call: the server's `exception` trailer first, then the status code, then the wording. */
export function failureOf(error: unknown): Failure {
  if (!isServiceError(error)) return byMessage(error instanceof Error ? error.message : String(error));
  const trailer = (name: string): string => String(error.metadata.get(name)[0] ?? '');
  switch (trailer('exception')) {
    case 'not-leader':
      return { kind: 'not-leader' };
    case 'access-denied':
      return { kind: 'denied', reason: DENIED };
    case 'stream-deleted':
      return { kind: 'refused', reason: error.details };
    case 'maximum-append-size-exceeded':
      return { kind: 'too-large', limitBytes: Number(trailer('maximum-append-size')) };
    case 'wrong-expected-version': {
      const actual = trailer('actual-version');
      return { kind: 'conflict', actualRevision: actual === '' ? undefined : Number(actual) };
    }
  }
  if (DENIED_CODES.has(error.code)) return { kind: 'denied', reason: DENIED };
  if (MISTAKE_CODES.has(error.code)) return { kind: 'refused', reason: error.details };
  return byMessage(error.details);
}

/** Reads the error that answers one append of a BatchAppend call. */
export function failureOfStatus(answer: Status): Failure {
  const details = answer.getDetails();
  const name = details?.getTypeName() ?? '';
  switch (name) {
    case 'event_store.client.WrongExpectedVersion': {
      const conflict = details?.unpack((bytes) => shared.WrongExpectedVersion.deserializeBinary(bytes), name);
      return { kind: 'conflict', actualRevision: conflict ? currentRevision(conflict) : undefined };
    }
    case 'event_store.client.MaximumAppendSizeExceeded': {
      const limit = details?.unpack(
        (bytes) => shared.MaximumAppendSizeExceeded.deserializeBinary(bytes),
        name,
      );
      return { kind: 'too-large', limitBytes: limit?.getMaxappendsize() ?? 0 };
    }
    case 'event_store.client.AccessDenied':
      return { kind: 'denied', reason: DENIED };
    case 'event_store.client.StreamDeleted':
      return { kind: 'refused', reason: 'the stream is deleted' };
    case 'event_store.client.BadRequest': {
      const request = details?.unpack((bytes) => shared.BadRequest.deserializeBinary(bytes), name);
      return { kind: 'refused', reason: `bad request: ${request?.getMessage() ?? ''}` };
    }
    default: {
      const message = answer.getMessage() || name;
      // What newer servers know and this does not: 25.1 has a limit for the single event, for one.
      if (MISTAKE_CODES.has(answer.getCode())) return { kind: 'refused', reason: message };
      return byMessage(message);
    }
  }
}

function currentRevision(conflict: InstanceType<typeof shared.WrongExpectedVersion>): number | undefined {
  if (conflict.hasCurrentStreamRevision()) return Number(conflict.getCurrentStreamRevision());
  return conflict.hasCurrentNoStream() ? -1 : undefined;
}

function byMessage(message: string): Failure {
  if (NEVER_SENT.test(message) || NOT_NOW.test(message)) return { kind: 'unavailable', reason: message };
  if (MISTAKE.test(message)) return { kind: 'refused', reason: message };
  return { kind: 'unknown', reason: message };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}
