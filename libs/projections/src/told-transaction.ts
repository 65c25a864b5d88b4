import { toMs, type Balance } from '#domain';
import type { TransactionRow } from './rows.js';

/**
 * A transaction as it is told: amounts as their canonical texts, moments in milliseconds since 1970. Whoever reads a
 * history passes it on and reckons with none of it, so nothing is made a number of, only to be made a text again.
 */
export interface ToldTransaction extends Omit<
  TransactionRow,
  'occurredAt' | 'recordedAt' | 'change' | 'balance' | 'uncovered'
> {
  readonly occurredAtMs: number;
  readonly recordedAtMs: number;
  readonly change: ToldBalance;
  readonly balance: ToldBalance;
  readonly uncovered: string;
}

export type ToldBalance = Readonly<Record<keyof Balance, string>>;

export function told(row: TransactionRow): ToldTransaction {
  const { occurredAt, recordedAt, change, balance, uncovered, ...rest } = row;
  return {
    ...rest,
    occurredAtMs: toMs(occurredAt),
    recordedAtMs: toMs(recordedAt),
    change: toldBalance(change),
    balance: toldBalance(balance),
    uncovered: uncovered.toString(),
  };
}

export function toldBalance({ included, purchased, promotional, held }: Balance): ToldBalance {
  return {
    included: included.toString(),
    purchased: purchased.toString(),
    promotional: promotional.toString(),
    held: held.toString(),
  };
}
