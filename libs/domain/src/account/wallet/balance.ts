import { Amount } from '../../amount/index.js';
import type { Balance, CreditSource, Draw } from '../events.js';
import type { Wallet } from '../state.js';

/** The balance once `amount` (negative: less) is added to the credits of one source. */
export function withCredits(balance: Balance, source: CreditSource, amount: Amount): Balance {
  return { ...balance, [source]: balance[source].plus(amount) };
}

export function withoutCredits(balance: Balance, source: CreditSource, amount: Amount): Balance {
  return { ...balance, [source]: balance[source].minus(amount) };
}

/** The balance once the draws are consumed. */
export function minusDraws(balance: Balance, draws: readonly Draw[]): Balance {
  let after = balance;
  for (const draw of draws) after = withoutCredits(after, draw.source, draw.amount);
  return after;
}

/** The balance once the draws are back in their grants. */
export function plusDraws(balance: Balance, draws: readonly Draw[]): Balance {
  let after = balance;
  for (const draw of draws) after = withCredits(after, draw.source, draw.amount);
  return after;
}

export function withHeld(balance: Balance, amount: Amount): Balance {
  return { ...balance, held: balance.held.plus(amount) };
}

export function withoutHeld(balance: Balance, amount: Amount): Balance {
  return { ...balance, held: balance.held.minus(amount) };
}

export function totalOf(draws: readonly Draw[]): Amount {
  return Amount.sum(draws.map((draw) => draw.amount));
}

/** The balance as the wallet's grants add up: always equal to the one its events have carried along. */
export function recomputedBalance(wallet: Wallet): Balance {
  const of = (source: CreditSource) =>
    Amount.sum(wallet.grants.filter((grant) => grant.source === source).map((grant) => grant.available));
  return {
    included: of('included'),
    purchased: of('purchased'),
    promotional: of('promotional'),
    held: Amount.sum(wallet.grants.map((grant) => grant.held)),
  };
}
