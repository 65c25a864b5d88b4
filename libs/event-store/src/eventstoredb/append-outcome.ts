import type { AppendResp, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Position } from '../port.js';
import { failureOfStatus, type Failure } from './failures.js';

/** How one attempt to append ended. */
export type AppendOutcome =
  /** The position is missing when the server recognised a repeat and no longer knows where it stands. */
  { readonly kind: 'written'; readonly revision: number; readonly position: Position | undefined } | Failure;

/** Reads the answer to one append of a BatchAppend call. */
export function batchOutcome(answer: BatchAppendResp): AppendOutcome {
  const error = answer.getError();
  if (error) return failureOfStatus(error);
  const success = answer.getSuccess();
  if (!success) return { kind: 'unknown', reason: 'the answer says neither success nor failure' };
  const position = success.getPosition()?.getCommitPosition();
  return written(success.getCurrentRevision(), position);
}

/** Reads the answer to an Append call. */
export function singleOutcome(answer: AppendResp): AppendOutcome {
  const conflict = answer.getWrongExpectedVersion();
  if (conflict) {
    const none = conflict.hasCurrentNoStream() ? -1 : undefined;
    return {
      kind: 'conflict',
      actualRevision: conflict.hasCurrentRevision() ? Number(conflict.getCurrentRevision()) : none,
    };
  }
  const success = answer.getSuccess();
  if (!success) return { kind: 'unknown', reason: 'the answer says neither success nor failure' };
  return written(success.getCurrentRevision(), success.getPosition()?.getCommitPosition());
}

function written(revision: string, position: string | undefined): AppendOutcome {
  return {
    kind: 'written',
    revision: Number(revision),
    position: position === undefined ? undefined : BigInt(position),
  };
}
