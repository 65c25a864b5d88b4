import type { Submission } from './submission.js';

/** Taken entries are let go of in pieces of this size at least: letting go moves what is behind them. */
const COMPACT_AT = 1_024;

/** What waits for one account, first come first served. A hot account's is long: nothing here walks all of it. */
export class AccountQueue {
  #waiting: Submission[] = [];
  /** How many of them have been taken. */
  #taken = 0;
  #commands = 0;

  /** Commands that wait. */
  get commands(): number {
    return this.#commands;
  }

  get isEmpty(): boolean {
    return this.#taken === this.#waiting.length;
  }

  /** About how many commands `take` would take: what was submitted together is never divided. */
  next(most: number): number {
    return Math.max(Math.min(this.#commands, most), this.#waiting[this.#taken]?.size ?? 0);
  }

  push(submission: Submission): void {
    this.#waiting.push(submission);
    this.#commands += submission.size;
  }

  /** Whatever waits, up to `most` commands; at least one submission, however large. */
  take(most: number): Submission[] {
    const batch: Submission[] = [];
    let size = 0;
    for (let next = this.#waiting[this.#taken]; next; next = this.#waiting[this.#taken]) {
      if (batch.length > 0 && size + next.size > most) break;
      batch.push(next);
      size += next.size;
      this.#taken += 1;
    }
    this.#commands -= size;
    if (this.#taken >= COMPACT_AT && this.#taken * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    return batch;
  }
}
