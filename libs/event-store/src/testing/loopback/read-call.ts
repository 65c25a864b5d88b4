import type { ServerWritableStream } from '@grpc/grpc-js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerContext } from './context.js';
import type { LogRecord } from './log.js';
import { filterOf } from './filter.js';
import { nameOf, streamNotFound } from './messages.js';
import * as errors from './rpc-errors.js';
import { bytesOf, CallIsOver, eventBytes, Sender } from './sender.js';
import { follow } from './subscription.js';

type Call = ServerWritableStream<ReadReq, Buffer>;

/** `Read`: a stream or `$all`, forward or backward, or a subscription to `$all`. */
export function handleRead(context: ServerContext) {
  return (call: Call): void => {
    context.seen.readCalls += 1;
    const requiresLeader = call.metadata.get('requires-leader').length > 0;
    if (!requiresLeader) context.seen.withoutLeader += 1;
    for (const value of call.metadata.get('authorization')) context.seen.authorizations.add(String(value));
    call.on('error', () => undefined);
    const fault = context.faults.takeRead();
    if (fault === 'not-leader' || (context.isFollower && requiresLeader))
      call.emit('error', errors.notLeader(context));
    else if (fault === 'not-ready') call.emit('error', errors.notReady());
    else if (fault === 'access-denied') call.emit('error', errors.accessDenied());
    else if (fault !== 'no-answer') {
      const sender = new Sender(call, context, fault);
      serve(call, context, sender).catch((error: unknown) => {
        if (!(error instanceof CallIsOver)) call.emit('error', error);
      });
    }
  };
}

async function serve(call: Call, context: ServerContext, sender: Sender): Promise<void> {
  const options = call.request.getOptions();
  if (!options) throw errors.badRequest();
  if (options.hasSubscription()) {
    await follow(context, sender, options);
    return;
  }
  const backwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  const limit = Number(options.getCount());
  if (options.hasStream()) {
    const stream = nameOf(options.getStream()?.getStreamIdentifier());
    if (context.log.stream(stream).length === 0) await sender.send(bytesOf(streamNotFound(stream)));
  }
  let sent = 0;
  for (const record of wanted(options, context, backwards)) {
    const { searchMs } = context.faults;
    if (options.hasAll() && sent > 0 && searchMs > 0) await sender.beSilent(searchMs);
    // As the real one does: only when it has found one more.
    if (sent === limit) break;
    sent += 1;
    await sender.send(eventBytes(record));
  }
  call.end();
}

/** The records that a read covers, in its order. */
function* wanted(options: ReadReq.Options, { log }: ServerContext, backwards: boolean): Generator<LogRecord> {
  const streamOptions = options.getStream();
  const records = streamOptions ? log.stream(nameOf(streamOptions.getStreamIdentifier())) : log.records;
  const end = records.length;
  let index = backwards ? end - 1 : 0;
  if (streamOptions?.hasRevision()) index = Number(streamOptions.getRevision());
  else if (streamOptions?.hasEnd()) index = end - 1;
  const position = options.getAll()?.getPosition();
  if (position) index = log.indexOf(BigInt(position.getCommitPosition()));
  if (backwards) index = Math.min(index, end - 1);
  const passes = filterOf(options);
  for (; index >= 0 && index < end; index += backwards ? -1 : 1) {
    const record = records[index];
    if (record && passes(record)) yield record;
  }
}
