import type { AccountEvent, Rejection } from '#domain';

/** An event with its place in the account's stream. */
export interface PlacedEvent {
  readonly revision: number;
  readonly event: AccountEvent;
}

/** The durable outcome of one command. */
export type Outcome =
  | {
      readonly kind: 'applied';
      /** What the command caused; settlement that happened on the way is not part of the answer. */
      readonly events: readonly PlacedEvent[];
      /** The account's revision from which on the outcome can be read. */
      readonly revision: number;
    }
  | { readonly kind: 'duplicate'; readonly revision: number }
  | { readonly kind: 'notCreditMetered'; readonly feature: string; readonly revision: number }
  | Rejection;

/** Others kept appending to the account; nothing of the command was written. Safe to send again. */
export class ConflictRetriesUsedUp extends Error {
  override readonly name = 'ConflictRetriesUsedUp';
  constructor(
    readonly customerId: string,
    readonly attempts: number,
  ) {
    super(`account ${customerId}: ${attempts} attempts to append all met other writers`);
  }
}

/** More commands wait for one account than the process is willing to keep in memory. */
export class AccountQueueFull extends Error {
  override readonly name = 'AccountQueueFull';
  constructor(
    readonly customerId: string,
    readonly waiting: number,
  ) {
    super(`account ${customerId}: ${waiting} commands are waiting already`);
  }
}

/** More commands wait for their outcome, over all accounts, than the process is willing to keep in memory. */
export class LedgerQueueFull extends Error {
  override readonly name = 'LedgerQueueFull';
  constructor(readonly waiting: number) {
    super(`${waiting} commands are waiting already`);
  }
}
