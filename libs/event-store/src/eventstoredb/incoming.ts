import type { ClientReadableStream } from '@grpc/grpc-js';
import { setImmediate as turn } from 'node:timers/promises';
import type { ReadMessage } from './read-message.js';

/** What is held for a reader that is slow, besides what `most` messages allow, in bytes. */
const MOST_BYTES = 8 * 1024 * 1024;

export interface IncomingOptions {
  /** Messages per batch, and messages that wait for the reader. */
  readonly most: number;
  /** The first message must come within this time, in milliseconds; left out where the server may search for long. */
  readonly firstWithinMs?: number;
  /** Each further one must, too; left out for subscriptions, which may be silent for ever. */
  readonly nextWithinMs?: number;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal;
}

/** What had come when the reader asked. */
export interface Arrived {
  readonly messages: readonly ReadMessage[];
  /** More is waiting already. */
  readonly more: boolean;
}

/** A server that took the call and then said nothing. */
export class Silence extends Error {
  override readonly name = 'Silence';
  constructor(ms: number) {
    super(`no message from the event store within ${ms} ms`);
  }
}

/**
 * The messages of a call, in batches of whatever has come. While a reader is busy at most `most` messages are
 * read ahead; then the call is paused, and gRPC's flow control holds the server back.
 */
export async function* incoming(
  call: ClientReadableStream<ReadMessage>,
  { most, firstWithinMs, nextWithinMs, signal }: IncomingOptions,
): AsyncGenerator<Arrived> {
  const buffer: ReadMessage[] = [];
  let bytes = 0;
  const state: { ended: boolean; failed?: Error } = { ended: false };
  let wake: () => void = () => undefined;
  call.on('data', (message: ReadMessage) => {
    buffer.push(message);
    bytes += sizeOf(message);
    if (buffer.length >= most || bytes >= MOST_BYTES) call.pause();
    wake();
  });
  // Stays for good: a call that is cancelled reports an error afterwards, and nobody else would hear it.
  call.on('error', (error: Error) => {
    state.failed = error;
    wake();
  });
  call.on('end', () => {
    state.ended = true;
    wake();
  });
  const stop = (): void => {
    state.ended = true;
    wake();
  };
  signal?.addEventListener('abort', stop);
  let patienceMs = firstWithinMs;
  try {
    while (!signal?.aborted) {
      if (buffer.length === 0) {
        if (state.failed) throw state.failed;
        if (state.ended) return;
        await new Promise<void>((resolve, reject) => {
          // Made when it is late, and not before: an error costs as much as reading an event.
          const late = (ms: number): void => reject(new Silence(ms));
          const timer = patienceMs === undefined ? undefined : setTimeout(late, patienceMs, patienceMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        // The rest of what the same network packet brought.
        await turn();
        continue;
      }
      patienceMs = nextWithinMs;
      const messages = buffer.splice(0, most);
      if (buffer.length === 0) bytes = 0;
      if (call.isPaused()) call.resume();
      yield { messages, more: buffer.length > 0 };
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    call.cancel();
  }
}

function sizeOf({ event }: ReadMessage): number {
  return event ? event.data.byteLength + event.metadata.byteLength : 0;
}
