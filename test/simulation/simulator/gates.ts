import { createHash } from 'node:crypto';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random.js';

/** The process was killed: whatever it was doing goes no further. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** Somebody who works: a process of the ledger, or a projector. */
export interface Worker {
  readonly name: string;
  alive: boolean;
  /** True while it waits for a timer of its own; nothing else goes on until it is back. */
  asleep(): boolean;
}

interface Gate {
  readonly worker: Worker;
  readonly label: string;
  readonly ready: () => boolean;
  readonly open: () => void;
  readonly fail: (error: Error) => void;
}

/**
 * Everything that leaves a process waits at a gate, and one gate is opened at a time: so who goes first is decided by
 * the seed and by nothing else, however the work is spread over promises and timers.
 */
export class Gates {
  #waiting: Gate[] = [];
  /** Told the label of each gate that is opened, for whoever wants to follow. */
  trace: ((line: string) => void) | undefined;
  /** Sums up which gates were opened in which order: the same for the same seed, or something depends on real time. */
  readonly #course = createHash('sha256');

  constructor(private readonly random: Random) {}

  /** Waits until it is this one's turn. `ready`: it is never its turn before. `signal`: it waits no longer. */
  pass(
    worker: Worker,
    label: string,
    ready: () => boolean = () => true,
    signal?: AbortSignal,
  ): Promise<void> {
    if (!worker.alive) return Promise.reject(new Killed(worker.name));
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((each) => each !== gate);
        resolve();
      };
      const open = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const gate = { worker, label, ready, open, fail: reject };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(gate);
    });
  }

  course(): string {
    return this.#course.copy().digest('hex').slice(0, 16);
  }

  /** Whether this worker waits at any gate, ready or not. */
  holds(worker: Worker): boolean {
    return this.#waiting.some((gate) => gate.worker === worker);
  }

  get anyReady(): boolean {
    return this.#waiting.some((gate) => gate.ready());
  }

  /** Lets one of those that are ready go on, and waits until nobody moves any more. */
  async openOne(workers: readonly Worker[]): Promise<boolean> {
    const ready = this.#waiting
      .filter((gate) => gate.ready())
      // Who came back from a pause first is an accident; who is called what is not.
      .sort((a, b) => compare(a.worker.name, b.worker.name) || compare(a.label, b.label));
    if (ready.length === 0) return false;
    const gate = this.random.pick(ready);
    this.#waiting = this.#waiting.filter((each) => each !== gate);
    const line = `${gate.worker.name}: ${gate.label}`;
    this.trace?.(line);
    this.#course.update(`${line}\n`);
    gate.open();
    await this.quiet(workers);
    return true;
  }

  /** Waits until everybody is done or stands at a gate. */
  async quiet(workers: readonly Worker[]): Promise<void> {
    await turn();
    // Mostly it is a few turns of the event loop that somebody waits for.
    for (let looks = 0; workers.some((worker) => worker.alive && worker.asleep()); looks++) {
      await (looks < 50 ? turn() : pause(1));
    }
  }

  /** A killed process: all that it was waiting for never comes. */
  async kill(worker: Worker, workers: readonly Worker[]): Promise<void> {
    worker.alive = false;
    const gone = this.#waiting.filter((gate) => gate.worker === worker);
    this.#waiting = this.#waiting.filter((gate) => gate.worker !== worker);
    for (const gate of gone) gate.fail(new Killed(worker.name));
    await this.quiet(workers);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
