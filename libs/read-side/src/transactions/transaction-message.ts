import { timestampOfMs, type rpc } from '#contracts';
import { Amount } from '#domain';
import type { ToldBalance, ToldTransaction, TransactionType } from '#projections';
import { balanceMessage } from '../messages/event-messages.js';

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

export function transactionMessage(transaction: ToldTransaction): rpc.Transaction {
  const { creditSystem, change, balance } = transaction;
  return {
    transactionId: String(transaction.revision),
    customerId: transaction.customerId,
    creditSystem,
    type: TYPES[transaction.type],
    occurredAt: timestampOfMs(transaction.occurredAtMs),
    recordedAt: timestampOfMs(transaction.recordedAtMs),
    change,
    balance: balanceMessage(creditSystem, balance),
    uncovered: transaction.uncovered,
    feature: transaction.feature ?? '',
    usageSource: transaction.usageSource ?? '',
    usageId: transaction.usageId ?? '',
    grantId: transaction.grantId ?? '',
    holdId: transaction.holdId ?? '',
    eventId: transaction.eventId,
  };
}

/** The wallet before the movement. */
export function balanceBefore({ creditSystem, balance, change }: ToldTransaction): rpc.WalletBalance {
  const before = (kind: keyof ToldBalance): string =>
    Amount.parse(balance[kind]).minus(Amount.parse(change[kind])).toString();
  return balanceMessage(creditSystem, {
    included: before('included'),
    purchased: before('purchased'),
    promotional: before('promotional'),
    held: before('held'),
  });
}
