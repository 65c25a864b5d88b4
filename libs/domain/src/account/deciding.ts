import type { Rejection } from '../rejection.js';
import type { Instant } from '../time/index.js';
import type { AccountCommand, Settle } from './commands.js';
import type { DecisionContext } from './decision.js';
import type { AccountEvent, Cause } from './events.js';
import type { AccountState } from './state.js';

/** A command that somebody sent, and not time. */
export type Sent = Exclude<AccountCommand, Settle>;

/** What a command is decided by: the settled account, one moment, and what may be looked up. */
export interface Deciding {
  readonly state: AccountState;
  /** As it was before it was settled. */
  readonly before: AccountState;
  readonly now: Instant;
  readonly cause: Cause;
  readonly context: DecisionContext;
}

/** The feature is not paid with credits under the customer's plans. */
export interface NotCreditMetered {
  readonly kind: 'notCreditMetered';
  readonly feature: string;
}

/** The events a command causes, or why it causes none. */
export type Outcome = readonly AccountEvent[] | NotCreditMetered | Rejection;

export function isEvents(outcome: Outcome): outcome is readonly AccountEvent[] {
  return Array.isArray(outcome);
}
