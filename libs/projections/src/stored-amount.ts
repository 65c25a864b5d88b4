import { Amount } from '#domain';

/** A canonical amount as read stores keep it in JSON; most are zero, which is the number 0. */
export type StoredAmount = string | 0;

export function storedAmount(amount: Amount): StoredAmount {
  return amount.isZero ? 0 : amount.toString();
}

export function readAmount(stored: StoredAmount): Amount {
  return stored === 0 ? Amount.zero : Amount.parse(stored);
}

/** The canonical text alone, for whoever only passes it on. */
export function readAmountText(stored: StoredAmount): string {
  return stored === 0 ? '0' : stored;
}
