import Queue from 'yocto-queue';

/** Accounts that are executed side by side at most: a store that answers slowly keeps so many appends in flight. */
const ACCOUNTS = 512;
/** Commands that begin in one turn: deciding them holds up everything else in the process, and they are appended together. */
const COMMANDS = 1_000;
/** What waits begins once it has not grown for so many turns of the event loop: a message takes a few to be read, … */
const QUIET_LOOKS = 3;
/** … at the latest after so many, … */
const LOOKS = 32;
/** … or when enough waits for a few turns. */
const ENOUGH = 16 * COMMANDS;

/** Something that is executed when its turn has come; never rejects. */
export interface Turn {
  /** How many commands wait for it now. */
  commands(): number;
  run(): Promise<void>;
}

/**
 * Who begins when. Whatever is executed in one turn of the event loop shares a commit, and what waits for one account
 * shares an append; both cost the same for one event as for many. So nobody begins while the requests that are on
 * their way into the process are still being read, for a few turns of the event loop: what came alone waits some tens
 * of microseconds for that, and a flood of usage becomes few large appends instead of many small ones.
 */
export class Turns {
  readonly #waiting = new Queue<Turn>();
  #running = 0;
  /** What waited at the last look, how many looks there have been, and how many since it grew. */
  #seen = 0;
  #looks = 0;
  #quiet = 0;
  #scheduled = false;

  /** @param waitingCommands how many commands wait for their turn, over all accounts */
  constructor(private readonly waitingCommands: () => number) {}

  /** Has its turn when those before it have had theirs. */
  add(turn: Turn): void {
    this.#waiting.enqueue(turn);
    this.#schedule();
  }

  /** Whether somebody is about to begin. */
  get pending(): boolean {
    return this.#scheduled;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#isGathering()) this.#schedule();
      else this.#begin();
    });
  }

  #isGathering(): boolean {
    const waiting = this.waitingCommands();
    this.#quiet = waiting > this.#seen ? 0 : this.#quiet + 1;
    this.#seen = waiting;
    this.#looks += 1;
    if (waiting < ENOUGH && this.#looks < LOOKS && this.#quiet < QUIET_LOOKS) return true;
    this.#seen = this.#looks = this.#quiet = 0;
    return false;
  }

  #begin(): void {
    let commands = 0;
    while (this.#running < ACCOUNTS && commands < COMMANDS) {
      const turn = this.#waiting.dequeue();
      if (!turn) break;
      commands += turn.commands();
      this.#running += 1;
      void turn.run().then(() => {
        this.#running -= 1;
        this.#scheduleWaiting();
      });
    }
    this.#scheduleWaiting();
  }

  #scheduleWaiting(): void {
    if (this.#waiting.size > 0 && this.#running < ACCOUNTS) this.#schedule();
  }
}
