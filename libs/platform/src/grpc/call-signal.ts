/** The part of a grpc-js server call, of any kind, that tells of its end. */
export interface CancellableCall {
  readonly cancelled: boolean;
  once(event: 'cancelled', listener: () => void): unknown;
}

/** Aborts when nobody waits for the answer any more: the client cancelled, went away, or its deadline passed. */
export function callSignal(call: CancellableCall): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(CANCELLED);
  };
  if (call.cancelled) abort();
  else call.once('cancelled', abort);
  return controller.signal;
}

/** Nobody waits for this answer any more. */
export class CallCancelled extends Error {
  override readonly name = 'CallCancelled';
  constructor() {
    super('the call was cancelled or its deadline passed');
  }
}

/** One for all: grpc-js tells the end of every call as if it were cancelled, and a new error each costs its stack. */
const CANCELLED = new CallCancelled();
