import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { ServerContext } from './context.js';

/** An error as the server sends it in the trailers of a call. */
export function rpcError(
  code: status,
  details: string,
  trailers: Readonly<Record<string, string>> = {},
): ServiceError {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

export const unavailable = (): ServiceError => rpcError(status.UNAVAILABLE, 'Connection dropped');
export const notReady = (): ServiceError => rpcError(status.UNAVAILABLE, 'Server Is Not Ready');
export const tooBusy = (): ServiceError => rpcError(status.UNAVAILABLE, 'Server Is Too Busy');
export const noLeaderInfo = (): ServiceError =>
  rpcError(status.UNKNOWN, 'No leader info available in response');
export const timedOut = (): ServiceError =>
  rpcError(status.ABORTED, 'Operation timed out: Prepare phase timeout.');
export const tooSlow = (): ServiceError =>
  rpcError(
    status.ABORTED,
    'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
  );
export const eventTooLarge = (): ServiceError =>
  rpcError(status.INVALID_ARGUMENT, 'Maximum Append Event Size of 1024 Exceeded.', {
    exception: 'maximum-append-event-size-exceeded',
  });
export const accessDenied = (): ServiceError =>
  rpcError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
export const unknown = (): ServiceError =>
  rpcError(status.UNKNOWN, 'Unexpected OperationResult: InvalidTransaction');
export const badRequest = (): ServiceError =>
  rpcError(status.INVALID_ARGUMENT, "Required Metadata Property 'type' is missing", {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const streamDeleted = (stream: string): ServiceError =>
  rpcError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    // Header values are ASCII; the real server percent-encodes nothing and sends what it can.
    'stream-name': stream.replace(/[^\x20-\x7e]/g, '?'),
  });

export const appendTooLarge = (maxBytes: number): ServiceError =>
  rpcError(status.INVALID_ARGUMENT, `Maximum Append Size of ${maxBytes} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(maxBytes),
  });

export const notLeader = ({ leader }: ServerContext): ServiceError =>
  rpcError(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': leader().host,
    'leader-endpoint-port': String(leader().port),
  });
