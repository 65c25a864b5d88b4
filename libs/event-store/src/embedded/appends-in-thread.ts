import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppendOutcomeUnknown, EventStoreUnavailable, WrongExpectedRevision } from '../errors.js';
import type { Appended } from '../port.js';
import type { Appends, CheckedAppend } from './appends.js';
import { packedBytes, packInto } from './packed-append.js';

/** What the thread is given. */
export interface AppendingTask {
  readonly path: string;
  readonly maxBytes: number | undefined;
  readonly lockTimeoutMs: number;
}

/** The appends of one turn of the event loop. Few large values, because each one costs when it crosses. */
export interface AppendsMessage {
  readonly number: number;
  readonly streams: readonly string[];
  /** For each append `NUMBERS_PER_APPEND`: expected revision, events, bytes of its blob, milliseconds of storing. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** All blobs, one behind the other. */
  readonly blobs: Uint8Array<ArrayBuffer>;
}

export const NUMBERS_PER_APPEND = 4;

/** What became of the appends of a message. */
export interface AppendsAnswer {
  readonly number: number;
  /** The position of each append; of one that failed any number. */
  readonly positions: Float64Array;
  readonly failures: readonly Failure[];
}

/** Errors as they cross to another thread, which knows no classes. */
export type Failure = { readonly index: number } & (
  | { readonly kind: 'conflict'; readonly actualRevision: number | undefined }
  | { readonly kind: 'unavailable'; readonly message: string }
  | { readonly kind: 'unknown' | 'defect'; readonly error: unknown }
);

interface Waiting extends CheckedAppend {
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** Small, so that the blobs that have been written are let go of soon: their memory is not in it, but goes with it. */
const YOUNG_GENERATION_MIB = 12;

const MODULE = new URL('./appending.worker.js', import.meta.url);

/**
 * Appends that are written in a thread of their own: this one goes on deciding and answering while the disk works. The
 * thread begins with the first append. Should it end by itself, nobody knows what became of the appends it had, and
 * the next one starts another.
 *
 * @param onCommit told whenever something may have been appended
 */
export function appendsInThread(task: AppendingTask, onCommit: () => void, module: URL = MODULE): Appends {
  let outgoing: Waiting[] = [];
  const underWay = new Map<number, readonly Waiting[]>();
  let messages = 0;
  let thread: Worker | undefined;
  let onDone: (() => void) | undefined;

  const start = (): Worker => {
    const worker = new Worker(module, {
      workerData: task,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    let reason: unknown = new Error('the thread that appends has ended');
    worker.on('message', hear);
    worker.on('error', (error) => (reason = error));
    worker.on('exit', () => {
      if (thread === worker) thread = undefined;
      for (const waiting of [...underWay.values()].flat()) {
        waiting.reject(new AppendOutcomeUnknown(waiting.stream, waiting.expectedRevision, { cause: reason }));
      }
      underWay.clear();
      doneWhenIdle();
    });
    return worker;
  };

  const send = (): void => {
    const group = outgoing;
    outgoing = [];
    const number = (messages += 1);
    underWay.set(number, group);
    const message = messageOf(number, group);
    thread ??= start();
    thread.postMessage(message, [message.numbers.buffer, message.blobs.buffer]);
  };

  const hear = ({ number, positions, failures }: AppendsAnswer): void => {
    const group = underWay.get(number) ?? [];
    underWay.delete(number);
    for (const failure of failures) {
      const waiting = group[failure.index];
      waiting?.reject(errorOf(failure, waiting));
    }
    // What has been rejected stays so.
    group.forEach(({ expectedRevision, events, resolve }, index) => {
      resolve({ revision: expectedRevision + events.length, position: BigInt(positions[index] ?? 0) });
    });
    onCommit();
    doneWhenIdle();
  };

  const doneWhenIdle = (): void => {
    if (outgoing.length === 0 && underWay.size === 0) onDone?.();
  };

  return {
    append: (append) =>
      new Promise((resolve, reject) => {
        if (outgoing.length === 0) setImmediate(send);
        outgoing.push({ ...append, resolve, reject });
      }),
    close: async () => {
      await new Promise<void>((resolve) => {
        onDone = resolve;
        doneWhenIdle();
      });
      if (!thread) return;
      const ended = once(thread, 'exit');
      thread.postMessage('close');
      await ended;
    },
  };
}

function messageOf(number: number, group: readonly CheckedAppend[]): AppendsMessage {
  const sizes = group.map(({ events }) => packedBytes(events));
  // Memory of its own, because it goes to the thread.
  const blobs = Buffer.allocUnsafeSlow(sizes.reduce((sum, size) => sum + size, 0));
  const numbers = new Float64Array(group.length * NUMBERS_PER_APPEND);
  let at = 0;
  group.forEach(({ expectedRevision, events, storedAtMs }, index) => {
    at = packInto(blobs, at, events);
    numbers.set([expectedRevision, events.length, sizes[index] ?? 0, storedAtMs], index * NUMBERS_PER_APPEND);
  });
  return { number, streams: group.map(({ stream }) => stream), numbers, blobs };
}

function errorOf(failure: Failure, { stream, expectedRevision }: CheckedAppend): unknown {
  switch (failure.kind) {
    case 'conflict':
      return new WrongExpectedRevision(stream, expectedRevision, failure.actualRevision);
    case 'unavailable':
      return new EventStoreUnavailable(failure.message);
    case 'unknown':
      return new AppendOutcomeUnknown(stream, expectedRevision, { cause: failure.error });
    case 'defect':
      return failure.error;
  }
}
