import { Amount, type Balance, type Wallet } from '#domain';
import { isWalletEvent, movementOf } from './movement.js';
import type { RecordedAccountEvent } from './recorded-event.js';
import type { TransactionRow } from './rows.js';

const EMPTY: Balance = {
  included: Amount.zero,
  purchased: Amount.zero,
  promotional: Amount.zero,
  held: Amount.zero,
};

/**
 * The row of a customer's history; undefined for an event that moves no credits.
 * @param before the event's wallet as it was; undefined: this is its first event
 * @throws Error when the balance that the event carries is not the balance before plus what it moved
 */
export function transactionRow(
  customerId: string,
  recorded: RecordedAccountEvent,
  before: Wallet | undefined,
): TransactionRow | undefined {
  const { event, eventId, revision } = recorded;
  if (!isWalletEvent(event)) return undefined;
  const movement = movementOf(event, before);
  if (!movement) return undefined;
  const { type, change, touched, uncovered, feature, grantId, holdId } = movement;
  requireSum(before?.balance ?? EMPTY, change, event.balance);
  const usage = movement.usage ?? (event.cause.kind === 'usage' ? event.cause : null);
  return {
    customerId,
    revision,
    eventId,
    creditSystem: event.creditSystem,
    type,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
    change,
    touched,
    balance: event.balance,
    uncovered,
    feature,
    usageSource: usage?.source ?? null,
    usageId: usage?.id ?? null,
    grantId,
    holdId,
  };
}

function requireSum(before: Balance, change: Balance, after: Balance): void {
  for (const kind of ['included', 'purchased', 'promotional', 'held'] as const) {
    if (before[kind].units + change[kind].units === after[kind].units) continue;
    throw new Error(
      `${kind} was ${before[kind].toString()} and changed by ${change[kind].toString()}, ` +
        `but the event says ${after[kind].toString()}`,
    );
  }
}
