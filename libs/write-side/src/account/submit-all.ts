import type { AccountCommand } from '#domain';
import type { Ledger } from './ledger.js';
import type { Outcome } from './outcome.js';
import type { Submission } from './submission.js';

/** One of many accounts that are asked to do something. */
export interface AskedAccount {
  readonly customerId: string;
  /** Commands at most. */
  readonly size: number;
}

/** Knows what many accounts are asked to do, and is told what it came to: account by account, as it becomes known. */
export interface Submitter<Account extends AskedAccount> {
  /** Asked once, when the account's turn has come; never throws. */
  commands(account: Account): readonly AccountCommand[];
  /**
   * All of the account's commands are durable. Gives a promise where there is more to find out first; what it throws
   * or rejects with, `failed` is told.
   */
  executed(account: Account, outcomes: readonly Outcome[]): Promise<void> | undefined;
  /** What it throws is everybody's failure. */
  failed(account: Account, error: unknown): void;
}

/**
 * Submits the commands of many accounts and resolves once the submitter has been told of every account. A thousand usage
 * events are nearly as many accounts, and thousands of events wait at a time: with a promise for each account, and
 * what awaits it, an event would weigh twice as much while it waits.
 */
export function submitAll<Account extends AskedAccount>(
  ledger: Ledger,
  accounts: readonly Account[],
  submitter: Submitter<Account>,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (accounts.length === 0) resolve();
    const call = new Call(submitter, signal, accounts.length, resolve, reject);
    for (const account of accounts) ledger.enqueue(account.customerId, new AccountSubmission(account, call));
  });
}

/** One call of `submitAll`: what is the same for all of its accounts. */
class Call<Account extends AskedAccount> {
  constructor(
    readonly submitter: Submitter<Account>,
    readonly signal: AbortSignal | undefined,
    private open: number,
    private readonly resolve: () => void,
    readonly reject: (error: unknown) => void,
  ) {}

  end(): void {
    this.open -= 1;
    if (this.open === 0) this.resolve();
  }
}

/** One of its accounts. */
class AccountSubmission<Account extends AskedAccount> implements Submission {
  readonly urgent = false;

  constructor(
    private readonly account: Account,
    private readonly call: Call<Account>,
  ) {}

  get size(): number {
    return this.account.size;
  }

  commands(): readonly AccountCommand[] {
    return this.call.submitter.commands(this.account);
  }

  get signal(): AbortSignal | undefined {
    return this.call.signal;
  }

  executed(outcomes: readonly Outcome[]): void {
    try {
      const more = this.call.submitter.executed(this.account, outcomes);
      if (more) more.then(() => this.call.end()).catch((error: unknown) => this.failed(error));
      else this.call.end();
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error: unknown): void {
    try {
      this.call.submitter.failed(this.account, error);
      this.call.end();
    } catch (thrown) {
      this.call.reject(thrown);
    }
  }
}
