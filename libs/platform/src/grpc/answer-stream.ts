import type { ServerDuplexStream } from '@grpc/grpc-js';
import { callSignal } from './call-signal.js';
import { serviceErrorOf } from './grpc-errors.js';
import { failureOf, INTERNAL_FAILURE } from './grpc-failure.js';
import type { MessagesInHand } from './messages-in-hand.js';
import { ShuttingDown } from './shutting-down.js';
import { written } from './stream-to-call.js';
import { untilStopped } from './until-stopped.js';

/** Every call may have so many messages in hand, whatever the others have. */
const OWN_MESSAGES = 4;

/**
 * Answers every message of a bidirectional call with one message, in order and as soon as it is known. Reads ahead while
 * `inHand` has room, and a client that does not read its answers is read from no further. A handler that throws ends
 * the call with the status of its error. When the process stops no further message is read; those that were are answered,
 * and the call ends with SHUTTING_DOWN.
 * @param call carries bytes
 * @param stop aborts when the process stops
 */
export async function answerStream(
  call: ServerDuplexStream<Buffer, Buffer>,
  handle: (request: Buffer) => Promise<Buffer>,
  inHand: MessagesInHand,
  stop: AbortSignal,
): Promise<void> {
  const signal = callSignal(call);
  /** Answers that are on their way, the oldest first. */
  const answers: Promise<void>[] = [];
  let last = Promise.resolve();
  const answer = async (request: Buffer, before: Promise<void>): Promise<void> => {
    inHand.begin(request);
    try {
      const response = handle(request);
      response.catch(() => undefined);
      await before;
      await written(call, await response, signal);
    } finally {
      inHand.end(request);
      // They end in their order.
      void answers.shift();
    }
  };
  try {
    // Left alone at the end of the requests: answers still have to go out.
    const requests = call.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
    for await (const request of untilStopped(requests, stop)) {
      last = answer(request, last);
      // Whoever fails tells at once, not when the next request comes.
      last.catch((error: unknown) => {
        fail(call, error);
      });
      answers.push(last);
      while (answers.length >= OWN_MESSAGES && inHand.areEnough) await answers[0];
    }
    await last;
    if (stop.aborted) throw new ShuttingDown();
    call.end();
  } catch (error) {
    if (!signal.aborted) fail(call, error);
  }
}

function fail(call: ServerDuplexStream<Buffer, Buffer>, error: unknown): void {
  if (call.destroyed || call.writableEnded) return;
  call.emit('error', serviceErrorOf(failureOf(error) ?? INTERNAL_FAILURE));
}
