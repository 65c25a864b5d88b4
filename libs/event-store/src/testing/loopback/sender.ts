import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerContext } from './context.js';
import type { LogRecord } from './log.js';
import { readEvent } from './messages.js';
import * as errors from './rpc-errors.js';

type Call = ServerWritableStream<ReadReq, Buffer>;

/** Nobody listens any more. */
export class CallIsOver extends Error {}

/** The message of an event, made once: whoever follows the log next costs a third. */
export function eventBytes(record: LogRecord): Buffer {
  return (record.message ??= bytesOf(readEvent(record)));
}

export function bytesOf(message: ReadResp): Buffer {
  const { buffer, byteOffset, byteLength } = message.serializeBinary();
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Resolves at the first of these events, and leaves no listener behind. */
export function firstOf(call: Call, names: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const name of names) call.off(name, done);
      resolve();
    };
    for (const name of names) call.on(name, done);
  });
}

/** Writes to a call, no faster than the client reads, and breaks off where a fault says so. */
export class Sender {
  #sent = 0;
  constructor(
    readonly call: Call,
    readonly context: ServerContext,
    readonly fault: 'broken' | 'ended' | 'too-slow' | undefined,
  ) {}

  async send(message: Buffer): Promise<void> {
    if (this.call.cancelled || this.call.destroyed) throw new CallIsOver();
    if (this.fault && this.#sent === this.context.faults.readsBreakAfter) {
      if (this.fault === 'ended') this.call.end();
      else this.call.emit('error', this.fault === 'broken' ? errors.unavailable() : errors.tooSlow());
      throw new CallIsOver();
    }
    this.#sent += 1;
    this.context.seen.readMessages += 1;
    if (this.call.write(message)) return;
    await firstOf(this.call, ['drain', 'cancelled', 'close']);
  }

  /** Says nothing for so long. */
  async beSilent(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([over, firstOf(this.call, ['cancelled', 'close'])]);
    clearTimeout(timer);
  }
}
