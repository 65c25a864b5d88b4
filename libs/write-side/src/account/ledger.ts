import type { AccountCommand } from '#domain';
import { AccountQueue } from './account-queue.js';
import { executeBatch, type ExecutionParts } from './execute-batch.js';
import { AccountQueueFull, LedgerQueueFull, type Outcome } from './outcome.js';
import type { Submission } from './submission.js';
import { Turns } from './turns.js';

/** Most commands of one account that go into one append. */
const COMMANDS_PER_BATCH = 1_000;

/** Most commands that may wait in memory; more are refused until there is room again. */
export interface QueueLimits {
  /** For one account. */
  readonly account: number;
  /** For all of them together. */
  readonly total: number;
}

const LIMITS: QueueLimits = { account: 100_000, total: 500_000 };

/**
 * The one way in for every command. Commands of one account queue up, and whatever waits goes into one append;
 * different accounts run side by side. So writers of one process never conflict with each other.
 */
export class Ledger {
  readonly #queues = new Map<string, AccountQueue>();
  /** Commands submitted that have no outcome yet, … */
  #open = 0;
  /** … and those of them that are being executed. */
  #executing = 0;
  readonly #turns = new Turns(() => this.#open - this.#executing);
  #idle: (() => void)[] = [];

  constructor(
    private readonly parts: ExecutionParts,
    private readonly limits: QueueLimits = LIMITS,
  ) {}

  /**
   * Executes commands of one account in order; all of them are durable when it resolves. Once the signal has
   * aborted none of them is decided any more: who gave up waiting and asked again elsewhere may have been refused
   * there, and must not be charged behind its back.
   * @throws the signal's reason, AccountQueueFull, LedgerQueueFull, ConflictRetriesUsedUp, and whatever the stores throw when they are away
   */
  submit(customerId: string, commands: readonly AccountCommand[], signal?: AbortSignal): Promise<Outcome[]> {
    return new Promise((resolve, reject) => {
      this.enqueue(customerId, {
        size: commands.length,
        commands: () => commands,
        urgent: true,
        signal,
        executed: resolve,
        failed: reject,
      });
    });
  }

  /** What `submit` does, without a promise (see `submitAll`). May fail before it returns. */
  enqueue(customerId: string, submission: Submission): void {
    const { size } = submission;
    if (this.#open + size > this.limits.total && this.#open > 0) {
      submission.failed(new LedgerQueueFull(this.#open));
      return;
    }
    let queue = this.#queues.get(customerId);
    if (queue && queue.commands + size > this.limits.account) {
      submission.failed(new AccountQueueFull(customerId, queue.commands));
      return;
    }
    const isNew = queue === undefined;
    if (!queue) this.#queues.set(customerId, (queue = new AccountQueue()));
    queue.push(submission);
    this.#open += size;
    if (isNew) this.#queueUp(customerId, queue);
    else if (submission.urgent && queue.place) this.#turns.hurry(queue.place);
  }

  /** Executes one command. */
  async execute(customerId: string, command: AccountCommand, signal?: AbortSignal): Promise<Outcome> {
    const [outcome] = await this.submit(customerId, [command], signal);
    if (!outcome) throw new Error(`account ${customerId}: ${command.type} was left without an outcome`);
    return outcome;
  }

  /** Whether something that was submitted is about to begin. */
  get isBeginning(): boolean {
    return this.#turns.pending;
  }

  /** Resolves once nothing is being executed. */
  async idle(): Promise<void> {
    if (this.#queues.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #queueUp(customerId: string, queue: AccountQueue): void {
    const turn = {
      commands: () => queue.next(COMMANDS_PER_BATCH),
      run: () => this.#run(customerId, queue),
    };
    queue.place = this.#turns.add(turn, queue.isUrgent);
  }

  async #run(customerId: string, queue: AccountQueue): Promise<void> {
    const batch = queue.take(COMMANDS_PER_BATCH);
    const commands = batch.reduce((sum, { size }) => sum + size, 0);
    this.#executing += commands;
    try {
      const { outcomes, error } = await executeBatch(customerId, batch, this.parts);
      this.parts.metrics.cachedAccounts.set(this.parts.loader.cached);
      batch.forEach((each, at) => {
        tell(each, outcomes[at] ?? [], error);
      });
    } catch (error) {
      for (const each of batch) each.failed(error);
    }
    this.#executing -= commands;
    this.#open -= commands;
    // What came meanwhile lines up behind the others; until then more may come.
    if (!queue.isEmpty) {
      this.#queueUp(customerId, queue);
      return;
    }
    this.#queues.delete(customerId);
    if (this.#queues.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** @param error what kept commands of the batch from their outcomes, if not that nobody waited any more */
function tell(submission: Submission, outcomes: (Outcome | undefined)[], error: unknown): void {
  if (outcomes.every((outcome) => outcome !== undefined)) submission.executed(outcomes);
  else submission.failed(error ?? submission.signal?.reason);
}
