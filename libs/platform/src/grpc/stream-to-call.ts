import { callSignal, type CancellableCall } from './call-signal.js';

/** What a streaming call gives to write to; server streams and bidirectional calls both fit. */
export interface WritableCall<T> extends CancellableCall {
  write(message: T, written: (error?: Error | null) => void): boolean;
}

/**
 * Writes messages to a streaming call, each only after HTTP/2 flow control has taken the one before: a slow client
 * holds back the source and costs one message of memory. (Nest's own server streams buffer whatever is emitted.)
 * Leaves the call open: the handler returns EMPTY afterwards, and Nest ends the call.
 *
 * Returns quietly when the client has gone; the source is closed in every case. Throws what the source throws.
 * @param open makes the source; its signal aborts when the client has gone, so that a source that waits stops
 */
export async function streamToCall<T>(
  call: WritableCall<T>,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): Promise<void> {
  const signal = callSignal(call);
  try {
    for await (const message of open(signal)) {
      if (signal.aborted) return;
      await written(call, message, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Resolves when the message is on its way or the client has gone: grpc-js forgets the callback of a dead call. */
export function written<T>(call: WritableCall<T>, message: T, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => {
      signal.removeEventListener('abort', gone);
      if (error) reject(error);
      else resolve();
    };
    const gone = (): void => {
      resolve();
    };
    signal.addEventListener('abort', gone, { once: true });
    call.write(message, done);
  });
}
