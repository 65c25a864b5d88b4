import { toMs } from '#domain';
import {
  readAmountText,
  storedAmount,
  type StoredAmount,
  type ToldTransaction,
  type TransactionRow,
} from '#projections';
import type { TransactionGroup } from '../transaction-group.js';

/** A transaction as it stands in the column `content`, as one JSON array; what is found by stands in columns as well. */
export type StoredTransaction = readonly [
  revision: number,
  groupId: number,
  occurredAtMs: number,
  eventId: string,
  recordedAtMs: number,
  changeIncluded: StoredAmount,
  changePurchased: StoredAmount,
  changePromotional: StoredAmount,
  changeHeld: StoredAmount,
  included: StoredAmount,
  purchased: StoredAmount,
  promotional: StoredAmount,
  held: StoredAmount,
  uncovered: StoredAmount,
  usageSource: string | null,
  usageId: string | null,
  grantId: string | null,
  holdId: string | null,
];

/**
 * The time a row takes to write and to read goes by its number of columns, and the time that several take by how often
 * SQLite is asked for a value: rows that are texts of JSON are read as one text of them all. JSON escapes what a
 * database text cannot hold (U+0000, lone surrogates) by itself.
 */
export function encodeTransaction(row: TransactionRow, groupId: number, occurredAtMs: number): string {
  const { change, balance } = row;
  const stored: StoredTransaction = [
    row.revision,
    groupId,
    occurredAtMs,
    row.eventId,
    toMs(row.recordedAt),
    storedAmount(change.included),
    storedAmount(change.purchased),
    storedAmount(change.promotional),
    storedAmount(change.held),
    storedAmount(balance.included),
    storedAmount(balance.purchased),
    storedAmount(balance.promotional),
    storedAmount(balance.held),
    storedAmount(row.uncovered),
    row.usageSource,
    row.usageId,
    row.grantId,
    row.holdId,
  ];
  return JSON.stringify(stored);
}

/** @param text a list of what `encodeTransaction` gives */
export function decodeTransactions(text: string): readonly StoredTransaction[] {
  return JSON.parse(text) as StoredTransaction[];
}

export function toToldTransaction(
  customerId: string,
  { creditSystem, type, touched, feature }: TransactionGroup,
  stored: StoredTransaction,
): ToldTransaction {
  return {
    customerId,
    revision: stored[0],
    eventId: stored[3],
    creditSystem,
    type,
    occurredAtMs: stored[2],
    recordedAtMs: stored[4],
    change: {
      included: readAmountText(stored[5]),
      purchased: readAmountText(stored[6]),
      promotional: readAmountText(stored[7]),
      held: readAmountText(stored[8]),
    },
    touched,
    balance: {
      included: readAmountText(stored[9]),
      purchased: readAmountText(stored[10]),
      promotional: readAmountText(stored[11]),
      held: readAmountText(stored[12]),
    },
    uncovered: readAmountText(stored[13]),
    feature,
    usageSource: stored[14],
    usageId: stored[15],
    grantId: stored[16],
    holdId: stored[17],
  };
}
