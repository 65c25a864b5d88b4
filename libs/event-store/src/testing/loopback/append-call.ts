import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerContext } from './context.js';
import type { AppendFault } from './faults.js';
import type { Expected, ProposedEvent, WriteResult } from './log.js';
import { nameOf, proposedEvent } from './messages.js';
import * as errors from './rpc-errors.js';
import type { ServiceError } from '@grpc/grpc-js';

/** The older `Append`: one call per append; conflicts come in the answer's body, other errors as trailers. */
export function handleAppend(context: ServerContext) {
  return (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>): void => {
    context.seen.appendCalls += 1;
    let options: AppendReq.Options | undefined;
    const events: ProposedEvent[] = [];
    let bytes = 0;
    call.on('data', (request: AppendReq) => {
      options ??= request.getOptions();
      const proposed = request.getProposedMessage();
      if (!proposed) return;
      const event = proposedEvent(proposed);
      bytes += event.data.byteLength + event.metadata.byteLength + 2 * event.type.length;
      events.push(event);
    });
    call.on('error', () => undefined);
    call.on('end', () => {
      if (!options) return;
      context.seen.appends += 1;
      const stream = nameOf(options.getStreamIdentifier());
      const error = refusal(context, call.metadata.get('requires-leader').length > 0, bytes);
      if (error) {
        answer(error);
        return;
      }
      const expected = expectedOf(options);
      const write = (): WriteResult => context.log.write(stream, expected, events);
      const reply = (result: WriteResult): void => answer(null, answerTo(result, expected, context));
      const fault = context.faults.takeAppend();
      if (fault) misbehave(fault, { context, stream, write, reply, fail: (failure) => answer(failure) });
      else reply(write());
    });
  };
}

/** Why nothing is written, fault or no fault. */
function refusal(context: ServerContext, requiresLeader: boolean, bytes: number): ServiceError | undefined {
  if (!requiresLeader) context.seen.withoutLeader += 1;
  if (context.isFollower) return errors.notLeader(context);
  if (bytes > context.maxAppendBytes) return errors.appendTooLarge(context.maxAppendBytes);
  return undefined;
}

interface Misbehaving {
  readonly context: ServerContext;
  readonly stream: string;
  readonly write: () => WriteResult;
  readonly reply: (result: WriteResult) => void;
  readonly fail: (error: ServiceError) => void;
}

function misbehave(fault: AppendFault, { context, stream, write, reply, fail }: Misbehaving): void {
  switch (fault) {
    case 'written-no-answer':
      write();
      return;
    case 'lost-no-answer':
      return;
    case 'written-stream-broken':
    case 'written-stream-ended':
      write();
      {
        fail(errors.unavailable());
        return;
      }
    case 'written-timeout':
      write();
      {
        fail(errors.timedOut());
        return;
      }
    case 'answered-twice': {
      reply(write());
      return;
    }
    case 'slow': {
      const result = write();
      setTimeout(() => reply(result), context.faults.slowMs);
      return;
    }
    case 'lost-stream-broken':
    case 'unavailable': {
      fail(errors.unavailable());
      return;
    }
    case 'not-leader': {
      fail(errors.notLeader(context));
      return;
    }
    case 'no-leader': {
      fail(errors.noLeaderInfo());
      return;
    }
    case 'busy': {
      fail(errors.tooBusy());
      return;
    }
    case 'not-ready': {
      fail(errors.notReady());
      return;
    }
    case 'access-denied': {
      fail(errors.accessDenied());
      return;
    }
    case 'stream-deleted': {
      fail(errors.streamDeleted(stream));
      return;
    }
    case 'bad-request': {
      fail(errors.badRequest());
      return;
    }
    case 'timeout': {
      fail(errors.timedOut());
      return;
    }
    case 'event-too-large': {
      fail(errors.eventTooLarge());
      return;
    }
    case 'unknown': {
      fail(errors.unknown());
      return;
    }
  }
}

function expectedOf(options: AppendReq.Options): Expected {
  if (options.hasRevision()) return BigInt(options.getRevision());
  if (options.hasNoStream()) return -1n;
  return options.hasStreamExists() ? 'stream_exists' : 'any';
}

function answerTo(result: WriteResult, expected: Expected, { faults }: ServerContext): AppendResp {
  const response = new streams.AppendResp();
  if (result.kind === 'conflict') {
    const conflict = new streams.AppendResp.WrongExpectedVersion();
    if (result.current < 0n) conflict.setCurrentNoStream(new shared.Empty());
    else conflict.setCurrentRevision(String(result.current));
    if (expected === -1n) conflict.setExpectedNoStream(new shared.Empty());
    else if (typeof expected === 'bigint') conflict.setExpectedRevision(String(expected));
    else conflict.setExpectedAny(new shared.Empty());
    return response.setWrongExpectedVersion(conflict);
  }
  const success = new streams.AppendResp.Success().setCurrentRevision(String(result.revision));
  if (result.kind === 'repeated' && faults.forgetsPositions) success.setNoPosition(new shared.Empty());
  else {
    const position = new streams.AppendResp.Position();
    success.setPosition(
      position.setCommitPosition(String(result.position)).setPreparePosition(String(result.position)),
    );
  }
  return response.setSuccess(success);
}
