import type { ToldTransaction } from '#projections';
import type { TransactionGroup } from '../transaction-group.js';
import { decodeContent } from './transaction-content.js';

/** Columns of the table `transactions`; an array, because SQLite's driver makes one in half the time of an object. */
export type StoredTransaction = readonly [
  revision: number,
  groupId: number,
  occurredAtMs: number,
  content: string,
];

export function toToldTransaction(
  customerId: string,
  { creditSystem, type, touched, feature }: TransactionGroup,
  [revision, , occurredAtMs, stored]: StoredTransaction,
): ToldTransaction {
  const content = decodeContent(stored);
  return {
    customerId,
    revision,
    eventId: content.eventId,
    creditSystem,
    type,
    occurredAtMs,
    recordedAtMs: content.recordedAtMs,
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
