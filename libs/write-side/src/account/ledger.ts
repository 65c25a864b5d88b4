import pLimit, { type LimitFunction } from 'p-limit';
import type { AccountCommand } from '#domain';
import { executeBatch, type ExecutionParts } from './execute-batch.js';
import { AccountQueueFull, type Outcome } from './outcome.js';

interface Waiting {
  readonly commands: readonly AccountCommand[];
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
  readonly resolve: (outcomes: Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Most commands of one account that go into one append. */
const COMMANDS_PER_BATCH = 1_000;
/** Most commands that may wait for one account. */
const QUEUE_LIMIT = 100_000;
/** Accounts that are executed side by side. */
const CONCURRENCY = 512;

/**
 * The one way in for every command. Commands of one account queue up, and whatever waits goes into one append;
 * different accounts run side by side. So writers of one process never conflict with each other.
 */
export class Ledger {
  readonly #queues = new Map<string, Waiting[]>();
  readonly #limit: LimitFunction = pLimit(CONCURRENCY);
  #idle: (() => void)[] = [];

  constructor(private readonly parts: ExecutionParts) {}

  /**
   * Executes commands of one account in order; all of them are durable when it resolves. Once the signal has
   * aborted none of them is decided any more: who gave up waiting and asked again elsewhere may have been refused
   * there, and must not be charged behind its back.
   * @throws the signal's reason, AccountQueueFull, ConflictRetriesUsedUp, and whatever the stores throw when they are away
   */
  submit(customerId: string, commands: readonly AccountCommand[], signal?: AbortSignal): Promise<Outcome[]> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(customerId);
      const waiting = { commands, signal, resolve, reject };
      if (queue) {
        const size = queue.reduce((sum, each) => sum + each.commands.length, 0);
        if (size + commands.length > QUEUE_LIMIT) reject(new AccountQueueFull(customerId, size));
        else queue.push(waiting);
        return;
      }
      this.#queues.set(customerId, [waiting]);
      void this.#limit(() => this.#drain(customerId));
    });
  }

  /** Executes one command. */
  async execute(customerId: string, command: AccountCommand, signal?: AbortSignal): Promise<Outcome> {
    const [outcome] = await this.submit(customerId, [command], signal);
    if (!outcome) throw new Error(`account ${customerId}: ${command.type} was left without an outcome`);
    return outcome;
  }

  /** Resolves once nothing is being executed. */
  async idle(): Promise<void> {
    if (this.#queues.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #drain(customerId: string): Promise<void> {
    const queue = this.#queues.get(customerId);
    if (!queue) return;
    while (queue.length > 0) {
      const batch = takeBatch(queue);
      await this.#run(customerId, batch);
    }
    this.#queues.delete(customerId);
    if (this.#queues.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #run(customerId: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const commands = batch.flatMap(({ commands: own, signal }) =>
        own.map((command) => ({ command, signal })),
      );
      const outcomes = await executeBatch(customerId, commands, this.parts);
      let from = 0;
      for (const waiting of batch) answer(waiting, outcomes.slice(from, (from += waiting.commands.length)));
      this.parts.metrics.cachedAccounts.set(this.parts.loader.cached);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

function answer({ signal, resolve, reject }: Waiting, outcomes: readonly (Outcome | undefined)[]): void {
  const known = outcomes.filter((outcome) => outcome !== undefined);
  if (known.length === outcomes.length) resolve(known);
  else reject(signal?.reason);
}

/** Whatever waits, as long as it fits into one batch; at least one. */
function takeBatch(queue: Waiting[]): Waiting[] {
  const batch: Waiting[] = [];
  let size = 0;
  for (
    let next = queue[0];
    next && (batch.length === 0 || size + next.commands.length <= COMMANDS_PER_BATCH);
  ) {
    batch.push(next);
    size += next.commands.length;
    queue.shift();
    next = queue[0];
  }
  return batch;
}
