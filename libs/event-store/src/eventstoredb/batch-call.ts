import type { ClientDuplexStream } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { batchOutcome, type AppendOutcome } from './append-outcome.js';
import type { AppendRequest } from './append-requests.js';
import { batchRequest } from './batch-request.js';
import { failureOf } from './failures.js';

/**
 * One BatchAppend call and the appends that wait for their answers on it. The client keeps one such table for the
 * whole process: there, an error of any client rejects everybody's appends, and an answer that comes twice or too
 * late throws out of an event handler and ends the process. This table belongs to one call, and such answers are
 * dropped.
 */
export class BatchCall {
  readonly #call: ClientDuplexStream<Buffer, BatchAppendResp>;
  readonly #waiting = new Map<string, (outcome: AppendOutcome) => void>();
  readonly #unsent: Buffer[] = [];
  #full = false;
  #over = false;

  constructor(
    call: ClientDuplexStream<Buffer, BatchAppendResp>,
    /** The call ended, by an error or (undefined) in good order. Those who wait are told when this is done. */
    onOver: (error: Error | undefined) => Promise<void>,
  ) {
    this.#call = call;
    const over = (error: Error | undefined): void => {
      if (this.#over) return;
      this.#over = true;
      const outcome = endOf(error);
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      void onOver(error).finally(() => {
        for (const settle of waiting) settle(outcome);
      });
    };
    call.on('data', (answer: BatchAppendResp) => {
      const id = answer.getCorrelationId()?.getString() ?? '';
      const settle = this.#waiting.get(id);
      this.#waiting.delete(id);
      settle?.(batchOutcome(answer));
    });
    call.on('drain', () => {
      this.#full = false;
      this.#send();
    });
    call.on('error', over);
    call.on('end', () => over(undefined));
  }

  /** Sends an append; the promise settles when it is answered or the call ends, which may be never. */
  append(request: AppendRequest): Promise<AppendOutcome> {
    if (this.#over) return Promise.resolve({ kind: 'unavailable', reason: 'the connection has ended' });
    const correlation = randomUUID();
    return new Promise((resolve) => {
      this.#waiting.set(correlation, resolve);
      this.#unsent.push(batchRequest(request, correlation));
      this.#send();
    });
  }

  cancel(): void {
    this.#call.cancel();
  }

  #send(): void {
    while (!this.#full && !this.#over) {
      const request = this.#unsent.shift();
      if (!request) return;
      this.#full = !this.#call.write(request);
    }
  }
}

/** What the end of the call means for an append on it that has no answer. */
function endOf(error: Error | undefined): AppendOutcome {
  if (!error) return { kind: 'unknown', reason: 'the server ended the call without an answer' };
  const failure = failureOf(error);
  // Only what speaks of the call as a whole says something about this append.
  const ofTheCall = ['unavailable', 'denied', 'not-leader', 'unknown'].includes(failure.kind);
  return ofTheCall ? failure : { kind: 'unknown', reason: error.message };
}
