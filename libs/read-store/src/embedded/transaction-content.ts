import { toMs } from '#domain';
import {
  readAmountText,
  storedAmount,
  type StoredAmount,
  type ToldTransaction,
  type TransactionRow,
} from '#projections';

/** What of a transaction no query filters or sorts by. */
export type TransactionContent = Pick<
  ToldTransaction,
  | 'eventId'
  | 'recordedAtMs'
  | 'change'
  | 'balance'
  | 'uncovered'
  | 'usageSource'
  | 'usageId'
  | 'grantId'
  | 'holdId'
>;

type StoredContent = readonly [
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
 * As one JSON array: the time a row takes to write and to read goes by its number of columns. JSON escapes what a
 * database text cannot hold (U+0000, lone surrogates) by itself.
 */
export function encodeContent(row: TransactionRow): string {
  const { change, balance } = row;
  const stored: StoredContent = [
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

export function decodeContent(text: string): TransactionContent {
  const stored = JSON.parse(text) as StoredContent;
  return {
    eventId: stored[0],
    recordedAtMs: stored[1],
    change: {
      included: readAmountText(stored[2]),
      purchased: readAmountText(stored[3]),
      promotional: readAmountText(stored[4]),
      held: readAmountText(stored[5]),
    },
    balance: {
      included: readAmountText(stored[6]),
      purchased: readAmountText(stored[7]),
      promotional: readAmountText(stored[8]),
      held: readAmountText(stored[9]),
    },
    uncovered: readAmountText(stored[10]),
    usageSource: stored[11],
    usageId: stored[12],
    grantId: stored[13],
    holdId: stored[14],
  };
}
