import type { ServerDuplexStream } from '@grpc/grpc-js';
import { callSignal } from './call-signal.js';
import { serviceErrorOf } from './grpc-errors.js';
import { failureOf, INTERNAL_FAILURE } from './grpc-failure.js';
import { written } from './stream-to-call.js';

/**
 * Answers every message of a bidirectional call with one message, in order and as soon as it is known. At most
 * `inHand` messages are worked on at a time, and a client that does not read its answers is read from no further.
 * A handler that throws ends the call with the status of its error.
 */
export async function answerStream<Request, Response>(
  call: ServerDuplexStream<Request, Response>,
  handle: (request: Request) => Promise<Response>,
  inHand = 16,
): Promise<void> {
  const signal = callSignal(call);
  const answers: Promise<void>[] = [];
  let last = Promise.resolve();
  const answer = async (before: Promise<void>, response: Promise<Response>): Promise<void> => {
    await before;
    await written(call, await response, signal);
  };
  try {
    // Left alone at the end of the requests: answers still have to go out.
    for await (const request of call.iterator({ destroyOnReturn: false }) as AsyncIterable<Request>) {
      const response = handle(request);
      response.catch(() => undefined);
      last = answer(last, response);
      // Whoever fails tells at once, not when the next request comes.
      last.catch((error: unknown) => {
        fail(call, error);
      });
      answers.push(last);
      if (answers.length >= inHand) await answers.shift();
    }
    await last;
    call.end();
  } catch (error) {
    if (!signal.aborted) fail(call, error);
  }
}

function fail(call: ServerDuplexStream<unknown, unknown>, error: unknown): void {
  if (call.destroyed || call.writableEnded) return;
  call.emit('error', serviceErrorOf(failureOf(error) ?? INTERNAL_FAILURE));
}
