import Queue from 'yocto-queue';
import type { Submission } from './submission.js';
import type { Waiting } from './turns.js';

/** What waits for one account, first come first served. A hot account's is long: nothing here walks all of it. */
export class AccountQueue {
  /** Where it stands in the line of all accounts, until its turn has come. */
  place: Waiting | undefined;
  readonly #waiting = new Queue<Submission>();
  #commands = 0;
  #urgent = 0;

  /** Commands that wait, at most. */
  get commands(): number {
    return this.#commands;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Whether somebody waits for just one of them. */
  get isUrgent(): boolean {
    return this.#urgent > 0;
  }

  /** About how many commands `take` would take: what was submitted together is never divided. */
  next(most: number): number {
    return Math.max(Math.min(this.#commands, most), this.#waiting.peek()?.size ?? 0);
  }

  push(submission: Submission): void {
    this.#waiting.enqueue(submission);
    this.#commands += submission.size;
    this.#urgent += Number(submission.urgent);
  }

  /** Whatever waits, up to `most` commands; at least one submission, however large. */
  take(most: number): Submission[] {
    const batch: Submission[] = [];
    let size = 0;
    for (let next = this.#waiting.peek(); next; next = this.#waiting.peek()) {
      if (batch.length > 0 && size + next.size > most) break;
      this.#waiting.dequeue();
      batch.push(next);
      size += next.size;
      this.#urgent -= Number(next.urgent);
    }
    this.#commands -= size;
    return batch;
  }
}
