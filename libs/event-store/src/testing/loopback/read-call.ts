import type { ServerWritableStream } from '@grpc/grpc-js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerContext } from './context.js';
import type { LogRecord } from './log.js';
import { caughtUp, checkpoint, confirmation, nameOf, readEvent, streamNotFound } from './messages.js';
import * as errors from './rpc-errors.js';

type Call = ServerWritableStream<ReadReq, Buffer>;
type Passes = (record: LogRecord) => boolean;

/** The page size of the real server: a filtered subscription reports a checkpoint every so many events, times n. */
const READ_PAGE = 32;

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

class CallIsOver extends Error {}

/** The message of an event, made once: whoever follows the log next costs a third. */
function eventBytes(record: LogRecord): Buffer {
  return (record.message ??= bytesOf(readEvent(record)));
}

function bytesOf(message: ReadResp): Buffer {
  const { buffer, byteOffset, byteLength } = message.serializeBinary();
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Resolves at the first of these events, and leaves no listener behind. */
function firstOf(call: Call, names: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const name of names) call.off(name, done);
      resolve();
    };
    for (const name of names) call.on(name, done);
  });
}

/** Writes to a call, no faster than the client reads, and breaks off where a fault says so. */
class Sender {
  #sent = 0;
  constructor(
    readonly call: Call,
    readonly context: ServerContext,
    readonly fault: 'broken' | 'ended' | undefined,
  ) {}

  async send(message: Buffer): Promise<void> {
    if (this.call.cancelled || this.call.destroyed) throw new CallIsOver();
    if (this.fault && this.#sent === this.context.faults.readsBreakAfter) {
      if (this.fault === 'broken') this.call.emit('error', errors.unavailable());
      else this.call.end();
      throw new CallIsOver();
    }
    this.#sent += 1;
    this.context.seen.readMessages += 1;
    if (this.call.write(message)) return;
    await firstOf(this.call, ['drain', 'cancelled', 'close']);
  }
}

async function serve(call: Call, context: ServerContext, sender: Sender): Promise<void> {
  const options = call.request.getOptions();
  if (!options) throw errors.badRequest();
  if (options.hasSubscription()) {
    await follow(call, context, sender, options);
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

function filterOf(options: ReadReq.Options): Passes {
  const expression = options.getFilter()?.getStreamIdentifier();
  if (!expression) return () => true;
  if (expression.getRegex()) {
    const regex = new RegExp(expression.getRegex());
    return ({ stream }) => regex.test(stream);
  }
  const prefixes = expression.getPrefixList();
  return ({ stream }) => prefixes.some((prefix) => stream.startsWith(prefix));
}

/** A subscription: what is there, a checkpoint and "caught up", then what comes, with a checkpoint every so often. */
async function follow(
  call: Call,
  { log }: ServerContext,
  sender: Sender,
  options: ReadReq.Options,
): Promise<void> {
  const passes = filterOf(options);
  const interval = READ_PAGE * (options.getFilter()?.getCheckpointintervalmultiplier() ?? 1);
  const start = options.getAll()?.getPosition();
  let index = start ? log.indexOf(BigInt(start.getCommitPosition()) + 1n) : 0;
  if (options.getAll()?.hasEnd()) index = log.records.length;
  let considered = 0;
  let live = false;
  await sender.send(bytesOf(confirmation()));
  for (;;) {
    for (let record = log.records[index]; record; record = log.records[index]) {
      if (passes(record)) await sender.send(eventBytes(record));
      index += 1;
      considered += 1;
      if (considered % interval === 0) await sender.send(bytesOf(checkpoint(record.position)));
    }
    const last = log.records[index - 1];
    if (!live) {
      live = true;
      if (last) await sender.send(bytesOf(checkpoint(last.position)));
      await sender.send(bytesOf(caughtUp()));
    }
    if (index === log.records.length) await more(call, log);
    if (call.cancelled) return;
  }
}

/** Resolves when something was written or the call is over. */
function more(call: Call, log: ServerContext['log']): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unwatch();
      call.off('cancelled', done);
      resolve();
    };
    const unwatch = log.watch(done);
    call.on('cancelled', done);
  });
}
