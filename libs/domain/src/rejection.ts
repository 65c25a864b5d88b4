/**
 * A refusal is a value, not an exception: a decider returns it, nothing is appended, and the caller tells
 * the sender why. The reasons are public (docs/answers.md: `google.rpc.ErrorInfo.reason`), so a reason is
 * never renamed, only added.
 */

/** What sort of refusal a reason is; a transport maps each sort to one status of its own. */
export type RejectionSort = 'malformed' | 'unknown' | 'conflict' | 'precondition';

/** Every reason the domain refuses with, and its sort. */
export const REJECTION_SORTS = {
  COMMAND_MALFORMED: 'malformed',
  TIME_IN_FUTURE: 'malformed',
  PLAN_INVALID: 'malformed',
  CREDIT_SYSTEM_INVALID: 'malformed',

  CUSTOMER_UNKNOWN: 'unknown',
  CREDIT_SYSTEM_UNKNOWN: 'unknown',
  PLAN_UNKNOWN: 'unknown',
  SUBSCRIPTION_UNKNOWN: 'unknown',
  GRANT_UNKNOWN: 'unknown',
  HOLD_UNKNOWN: 'unknown',
  DEBIT_UNKNOWN: 'unknown',
  TOP_UP_UNKNOWN: 'unknown',

  IDEMPOTENCY_KEY_REUSED: 'conflict',
  CREDIT_SYSTEM_KEY_TAKEN: 'conflict',
  CREDIT_SYSTEM_NAME_TAKEN: 'conflict',
  SUBSCRIPTION_EXISTS: 'conflict',
  HOLD_EXISTS: 'conflict',

  INSUFFICIENT_CREDITS: 'precondition',
  BELOW_CREDIT_LIMIT: 'precondition',
  PURCHASE_REQUIRED: 'precondition',
  GRANT_SPENT: 'precondition',
  HOLD_CLOSED: 'precondition',
  QUANTITY_OUT_OF_RANGE: 'precondition',
  NO_SUBSCRIPTION: 'precondition',
  NOT_CREDIT_METERED: 'precondition',
  NOT_FOR_SALE: 'precondition',
  SUBSCRIPTION_CANCELLED: 'precondition',
  REVERSAL_EXCEEDS_DEBIT: 'precondition',
  SCALE_IMMUTABLE: 'precondition',
  DRAFT_CHANGED: 'precondition',
} as const satisfies Record<string, RejectionSort>;

export type RejectionReason = keyof typeof REJECTION_SORTS;

/** One thing wrong with the input, by path: `credits[0].priced.topUp.schedule.tiers[1].firstUnit`. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

export interface RejectionDetails {
  /** Everything that is wrong with the input, at once. */
  readonly faults?: readonly Fault[];
  /** The numbers involved, by name, as decimal strings: `{ available: '3', required: '5' }`. */
  readonly numbers?: Readonly<Record<string, string>>;
}

export interface Rejection extends RejectionDetails {
  readonly kind: 'rejected';
  readonly reason: RejectionReason;
  /** One sentence for a person, naming the values. */
  readonly message: string;
}

export function rejection(
  reason: RejectionReason,
  message: string,
  details: RejectionDetails = {},
): Rejection {
  return { kind: 'rejected', reason, message, ...details };
}

/** Refuses with every fault at once; the message lists them all, so that a log line alone is enough. */
export function rejectionForFaults(
  reason: RejectionReason,
  what: string,
  faults: readonly Fault[],
): Rejection {
  const list = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
  return rejection(reason, `${what}: ${list}`, { faults });
}

export function isRejection(value: unknown): value is Rejection {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'rejected';
}

export function rejectionSort(reason: RejectionReason): RejectionSort {
  return REJECTION_SORTS[reason];
}
