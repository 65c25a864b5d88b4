import { toTimestamp, type rpc } from '#contracts';
import type { Balance } from '#domain';
import type { TransactionRow, TransactionType } from '#projections';
import { balanceMessage } from '../messages/common.js';

const TYPES = {
  granted: 'GRANTED',
  purchased: 'PURCHASED',
  debited: 'DEBITED',
  uncovered: 'UNCOVERED',
  expired: 'EXPIRED',
  rolledOver: 'ROLLED_OVER',
  voided: 'VOIDED',
  reversed: 'REVERSED',
  held: 'HELD',
  captured: 'CAPTURED',
  released: 'RELEASED',
} as const satisfies Record<TransactionType, rpc.Transaction_Type>;

/** What a request may say of a transaction's type. */
export const TYPE_MEANINGS: Readonly<Record<string, TransactionType>> = Object.fromEntries(
  (Object.keys(TYPES) as TransactionType[]).map((type) => [TYPES[type], type]),
);

export function transactionMessage(row: TransactionRow): rpc.Transaction {
  return {
    transactionId: String(row.revision),
    customerId: row.customerId,
    creditSystem: row.creditSystem,
    type: TYPES[row.type],
    occurredAt: toTimestamp(row.occurredAt),
    recordedAt: toTimestamp(row.recordedAt),
    change: changeMessage(row.change),
    balance: balanceMessage(row.creditSystem, row.balance),
    uncovered: row.uncovered.toString(),
    feature: row.feature ?? '',
    usageSource: row.usageSource ?? '',
    usageId: row.usageId ?? '',
    grantId: row.grantId ?? '',
    holdId: row.holdId ?? '',
    eventId: row.eventId,
  };
}

/** The wallet before the movement. */
export function balanceBefore({ creditSystem, balance, change }: TransactionRow): rpc.WalletBalance {
  const before: Balance = {
    included: balance.included.minus(change.included),
    purchased: balance.purchased.minus(change.purchased),
    promotional: balance.promotional.minus(change.promotional),
    held: balance.held.minus(change.held),
  };
  return balanceMessage(creditSystem, before);
}

function changeMessage({ included, purchased, promotional, held }: Balance): rpc.BalanceChange {
  return {
    included: included.toString(),
    purchased: purchased.toString(),
    promotional: promotional.toString(),
    held: held.toString(),
  };
}
