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
  if (signal.aborted) return;
  const gone = new Promise<'gone'>((resolve) => {
    signal.addEventListener('abort', () => resolve('gone'), { once: true });
  });
  try {
    for await (const message of open(signal)) {
      if ((await Promise.race([written(call, message), gone])) === 'gone') return;
    }
  } catch (error) {
    if (!hasAborted(signal)) throw error;
  }
}

function written<T>(call: WritableCall<T>, message: T): Promise<void> {
  return new Promise((resolve, reject) => {
    call.write(message, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** A call, because the compiler takes the property for unchanged since it was looked at. */
function hasAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
