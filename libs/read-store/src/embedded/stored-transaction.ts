import { instantFromMs } from '#domain';
import type { TransactionRow } from '#projections';
import type { TransactionGroup } from '../transaction-group.js';
import { decodeContent } from './transaction-content.js';

/** A row of the table `transactions`. */
export interface StoredTransaction {
  readonly revision: number;
  readonly group_id: number;
  readonly occurred_at: number;
  readonly content: string;
}

export function toTransactionRow(
  customerId: string,
  { creditSystem, type, touched, feature }: TransactionGroup,
  stored: StoredTransaction,
): TransactionRow {
  const content = decodeContent(stored.content);
  return {
    customerId,
    revision: stored.revision,
    eventId: content.eventId,
    creditSystem,
    type,
    occurredAt: instantFromMs(stored.occurred_at),
    recordedAt: content.recordedAt,
    change: content.change,
    touched,
    balance: content.balance,
    uncovered: content.uncovered,
    feature,
    usageSource: content.usageSource,
    usageId: content.usageId,
    grantId: content.grantId,
    holdId: content.holdId,
  };
}
