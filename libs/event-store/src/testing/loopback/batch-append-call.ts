import type { ServerDuplexStream } from '@grpc/grpc-js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import codePb from '@eventstore/db-client/generated/code_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerContext } from './context.js';
import type { AppendFault } from './faults.js';
import type { Expected, ProposedEvent, WriteResult } from './log.js';
import { nameOf, proposedEvent } from './messages.js';
import * as errors from './rpc-errors.js';

type Call = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

interface Pending {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: ProposedEvent[];
}

/** `BatchAppend`: one long call for all appends of a client; each answer names the append by its correlation id. */
export function handleBatchAppend(context: ServerContext) {
  return (call: Call): void => {
    context.seen.batchAppendCalls += 1;
    const pending = new Map<string, Pending>();
    const requiresLeader = call.metadata.get('requires-leader').length > 0;
    call.on('data', (request: BatchAppendReq) => {
      const id = request.getCorrelationId();
      const key = id?.getString() ?? '';
      const options = request.getOptions();
      if (options) {
        const stream = nameOf(options.getStreamIdentifier());
        pending.set(key, { stream, expected: expectedOf(options), events: [] });
      }
      const append = pending.get(key);
      append?.events.push(...request.getProposedMessagesList().map(proposedEvent));
      if (!append || !id || !request.getIsFinal()) return;
      pending.delete(key);
      context.seen.appends += 1;
      if (!requiresLeader) context.seen.withoutLeader += 1;
      if (context.isFollower) call.emit('error', errors.notLeader(context));
      else settle(context, call, id, append);
    });
    call.on('error', () => undefined);
    call.on('end', () => call.end());
  };
}

function settle(context: ServerContext, call: Call, id: UUID, append: Pending): void {
  const { faults, maxAppendBytes } = context;
  const bytes = append.events.reduce(
    (sum, { data, metadata, type }) => sum + data.byteLength + metadata.byteLength + 2 * type.length,
    0,
  );
  const response = (): BatchAppendResp => {
    const identifier = new shared.StreamIdentifier().setStreamName(new TextEncoder().encode(append.stream));
    return new streams.BatchAppendResp().setCorrelationId(id).setStreamIdentifier(identifier);
  };
  const fail = (name: string, detail: Detail, message = name, code = codePb.Code.OK): void => {
    const details = new anyPb.Any();
    details.pack(
      detail.serializeBinary(),
      name === 'Empty' ? 'google.protobuf.Empty' : `event_store.client.${name}`,
    );
    const error = new statusPb.Status().setCode(code).setMessage(message).setDetails(details);
    call.write(response().setError(error));
  };
  const write = (): WriteResult => context.log.write(append.stream, append.expected, append.events);
  const reply = (result: WriteResult): void => {
    if (result.kind === 'conflict') fail('WrongExpectedVersion', conflict(result.current, append.expected));
    else call.write(response().setSuccess(success(result, faults.forgetsPositions)));
  };
  if (bytes > maxAppendBytes) {
    fail(
      'MaximumAppendSizeExceeded',
      new shared.MaximumAppendSizeExceeded().setMaxappendsize(maxAppendBytes),
    );
    return;
  }
  const fault = faults.takeAppend();
  if (fault) misbehave(fault, { context, call, append, write, reply, fail });
  else reply(write());
}

interface Detail {
  serializeBinary(): Uint8Array;
}

interface Misbehaving {
  readonly context: ServerContext;
  readonly call: Call;
  readonly append: Pending;
  readonly write: () => WriteResult;
  readonly reply: (result: WriteResult) => void;
  readonly fail: (name: string, detail: Detail, message?: string, code?: codePb.Code) => void;
}

function misbehave(fault: AppendFault, { context, call, append, write, reply, fail }: Misbehaving): void {
  switch (fault) {
    case 'written-no-answer':
      write();
      return;
    case 'lost-no-answer':
      return;
    case 'written-stream-broken':
      write();
      call.emit('error', errors.unavailable());
      return;
    case 'lost-stream-broken':
    case 'unavailable':
      call.emit('error', errors.unavailable());
      return;
    case 'written-stream-ended':
      write();
      call.end();
      return;
    case 'written-timeout':
      write();
      {
        fail('Timeout', new shared.Timeout());
        return;
      }
    case 'answered-twice': {
      const result = write();
      reply(result);
      reply(result);
      return;
    }
    case 'slow': {
      const result = write();
      setTimeout(() => reply(result), context.faults.slowMs);
      return;
    }
    case 'not-leader':
      call.emit('error', errors.notLeader(context));
      return;
    case 'no-leader': {
      fail('Empty', new emptyPb.Empty(), 'No leader info available in response');
      return;
    }
    case 'busy': {
      fail('Empty', new emptyPb.Empty(), 'Server Is Busy');
      return;
    }
    case 'not-ready': {
      fail('Empty', new emptyPb.Empty(), 'Server Is Not Ready');
      return;
    }
    case 'access-denied': {
      fail('AccessDenied', new shared.AccessDenied());
      return;
    }
    case 'stream-deleted': {
      const identifier = new shared.StreamIdentifier().setStreamName(new TextEncoder().encode(append.stream));
      fail('StreamDeleted', new shared.StreamDeleted().setStreamIdentifier(identifier));
      return;
    }
    case 'bad-request': {
      fail('BadRequest', new shared.BadRequest().setMessage('Required field not set.'));
      return;
    }
    case 'timeout': {
      fail('Timeout', new shared.Timeout());
      return;
    }
    case 'event-too-large': {
      // A message of this type is not among those that the client was generated from.
      const name = 'MaximumAppendEventSizeExceeded';
      fail(name, new emptyPb.Empty(), 'Maximum Append Event Size Exceeded', codePb.Code.INVALID_ARGUMENT);
      return;
    }
    case 'unknown': {
      fail('Unknown', new shared.Unknown());
      return;
    }
  }
}

function expectedOf(options: BatchAppendReq.Options): Expected {
  if (options.hasStreamPosition()) return BigInt(options.getStreamPosition());
  if (options.hasNoStream()) return -1n;
  return options.hasStreamExists() ? 'stream_exists' : 'any';
}

function conflict(current: bigint, expected: Expected): Detail {
  const message = new shared.WrongExpectedVersion();
  if (current < 0n) message.setCurrentNoStream(new emptyPb.Empty());
  else message.setCurrentStreamRevision(String(current));
  if (expected === -1n) message.setExpectedNoStream(new emptyPb.Empty());
  else if (typeof expected === 'bigint') message.setExpectedStreamPosition(String(expected));
  else message.setExpectedAny(new emptyPb.Empty());
  return message;
}

function success(result: Exclude<WriteResult, { kind: 'conflict' }>, forgetsPositions: boolean) {
  const message = new streams.BatchAppendResp.Success().setCurrentRevision(String(result.revision));
  if (result.kind === 'repeated' && forgetsPositions) return message.setNoPosition(new emptyPb.Empty());
  const position = new shared.AllStreamPosition();
  position.setCommitPosition(String(result.position)).setPreparePosition(String(result.position));
  return message.setPosition(position);
}
