import { callSignal, type CancellableCall } from '#platform';
import type { Caller } from '../account/caller.js';

/**
 * The client of a call with one answer. Nearly every read is answered at once, and a signal costs 3 µs: it is made
 * when somebody asks for it.
 */
export class UnaryCaller implements Caller {
  #signal: AbortSignal | undefined;

  constructor(private readonly call: CancellableCall) {}

  get signal(): AbortSignal {
    return (this.#signal ??= callSignal(this.call));
  }
}
