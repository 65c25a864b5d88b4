import Queue from 'yocto-queue';

/** Accounts that are executed side by side at most: a store that answers slowly keeps so many appends in flight. */
const ACCOUNTS = 512;
/** Commands that begin in one turn: deciding them holds up everything else in the process, and they are appended together. */
const COMMANDS = 1_000;
/** How many of those may be of somebody who waits for just this answer; what nobody waits for must not wait for ever. */
const URGENT = COMMANDS / 2;
/**
 * Commands that are executed at a time, about: enough to decide some while others are being appended. What has begun is
 * a dozen objects to an event, what waits is bytes, and what waits longer shares an append with more.
 */
const EXECUTING = 4 * COMMANDS;
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

/** A place in the line. */
export interface Waiting {
  readonly turn: Turn;
  urgent: boolean;
  begun: boolean;
}

/**
 * Who begins when. Whatever is executed in one turn of the event loop shares a commit, and what waits for one account
 * shares an append; both cost the same for one event as for many. So nobody begins while the requests that are on
 * their way into the process are still being read, for a few turns of the event loop: what came alone waits some tens
 * of microseconds for that, and a flood of usage becomes few large appends instead of many small ones.
 *
 * First come, first served, in two lines: a caller that waits for one answer does not stand behind a flood.
 */
export class Turns {
  readonly #waiting = new Queue<Waiting>();
  readonly #urgent = new Queue<Waiting>();
  /** Turns that have not come yet, in both lines; one that has moved up stands in both. */
  #pending = 0;
  #running = 0;
  #executing = 0;
  /** What waited at the last look, how many looks there have been, and how many since it grew. */
  #seen = 0;
  #looks = 0;
  #quiet = 0;
  #scheduled = false;

  /** @param waitingCommands how many commands wait for their turn, over all accounts */
  constructor(private readonly waitingCommands: () => number) {}

  /** Has its turn when those before it have had theirs. */
  add(turn: Turn, urgent = false): Waiting {
    const waiting: Waiting = { turn, urgent, begun: false };
    (urgent ? this.#urgent : this.#waiting).enqueue(waiting);
    this.#pending += 1;
    this.#schedule();
    return waiting;
  }

  /** Moves up what has not begun yet: somebody waits for just this one now. */
  hurry(waiting: Waiting): void {
    if (waiting.urgent || waiting.begun) return;
    waiting.urgent = true;
    this.#urgent.enqueue(waiting);
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
    while (this.#hasRoom && commands < COMMANDS) {
      const turn = this.#next(commands < URGENT);
      if (!turn) break;
      const own = turn.commands();
      commands += own;
      this.#executing += own;
      this.#running += 1;
      void turn.run().then(() => {
        this.#executing -= own;
        this.#running -= 1;
        this.#scheduleWaiting();
      });
    }
    this.#scheduleWaiting();
  }

  #next(urgentFirst: boolean): Turn | undefined {
    const first = urgentFirst ? this.#urgent : this.#waiting;
    return this.#takeFrom(first) ?? this.#takeFrom(urgentFirst ? this.#waiting : this.#urgent);
  }

  #takeFrom(line: Queue<Waiting>): Turn | undefined {
    let next = line.dequeue();
    // It moved up, and has had its turn.
    while (next?.begun) next = line.dequeue();
    if (!next) return undefined;
    next.begun = true;
    this.#pending -= 1;
    return next.turn;
  }

  get #hasRoom(): boolean {
    return this.#running < ACCOUNTS && this.#executing < EXECUTING;
  }

  #scheduleWaiting(): void {
    if (this.#pending > 0 && this.#hasRoom) this.#schedule();
  }
}
