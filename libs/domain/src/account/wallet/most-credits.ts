import { Amount } from '../../amount/index.js';
import type { Fault } from '../../rejection.js';
import type { Balance } from '../events.js';

/**
 * Most credits that commands may bring a wallet to. An amount has 18 digits before the point; the last of them is
 * left to what time alone adds (renewals, packs), because nobody could refuse that, and to sums over sources.
 */
export const MOST_CREDITS = Amount.parse('100000000000000000');

/** What is wrong with adding credits to a balance: nothing, or that it would become too much to be counted. */
export function tooManyCredits(path: string, amount: Amount, balance: Balance): readonly Fault[] {
  const { included, purchased, promotional, held } = balance;
  const after = included.units + purchased.units + promotional.units + held.units + amount.units;
  if (after <= MOST_CREDITS.units) return [];
  const message = `would bring the wallet to more than ${MOST_CREDITS.toString()} credits: ${amount.toString()}`;
  return [{ path, message }];
}
