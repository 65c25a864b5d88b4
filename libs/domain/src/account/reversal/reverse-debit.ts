import { Amount } from '../../amount/index.js';
import { rejection, type Rejection } from '../../rejection.js';
import type { Instant } from '../../time/index.js';
import type { ReverseDebit } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { History } from '../decision.js';
import type { DebitReversed, Draw, Grant, RestoredDraw } from '../events.js';
import { fact } from '../fact.js';
import { MissingHistory } from '../missing-history.js';
import { customerUnknown, malformed, mustBePositive } from '../refusals.js';
import type { AccountState, Wallet } from '../state.js';
import { outlives } from '../subscription/ended-grants.js';
import { termsNumber } from '../settlement/renewal.js';
import { endOfAllowance, findSubscription } from '../subscription/terms.js';
import { plusDraws } from '../wallet/balance.js';
import { endedEarly } from '../wallet/ended-early.js';
import { tooManyCredits } from '../wallet/most-credits.js';
import { walletOf } from '../wallet/wallet.js';
import { reversibleDebit, type ReversibleDebit } from './debit.js';

/**
 * Undoes a debit in whole or in part, from its end: what no grant could pay is written off first, then credits go
 * back to their grants, last drawn first. Grants that have expired or were voided meanwhile take them as well,
 * and lose them again in the same decision.
 */
export function reverseDebit(
  command: ReverseDebit,
  { state, now, cause, context }: Deciding,
): readonly DebitReversed[] | Rejection {
  const { usage, reason } = command;
  if (!state.exists) return customerUnknown();
  if (context.history?.debit === undefined)
    throw new MissingHistory(`the debit of usage ${usage.id} of ${usage.source}`);
  const debit = reversibleDebit(context.history.debit);
  if (debit === undefined)
    return rejection('DEBIT_UNKNOWN', `usage ${usage.id} of ${usage.source} was never debited`);
  const amount = command.amount ?? debit.left;
  if (command.amount !== undefined && !amount.isPositive)
    return malformed('reversal', mustBePositive('amount', amount));
  if (amount.greaterThan(debit.left) || debit.left.isZero) return exceeds(amount, debit);

  const uncovered = Amount.min(debit.uncovered, amount);
  const wallet = walletOf(state, debit.creditSystem);
  const tooMany = tooManyCredits('amount', amount.minus(uncovered), wallet.balance);
  if (tooMany.length > 0) return malformed('reversal', tooMany);
  const restored = lastDrawn(debit.draws, amount.minus(uncovered)).map((draw): RestoredDraw =>
    reopening(draw, wallet, { state, now, closedGrants: context.history?.closedGrants }),
  );
  return [
    {
      type: 'DebitReversed',
      ...fact(cause, now, now),
      creditSystem: debit.creditSystem,
      balance: plusDraws(wallet.balance, restored),
      usage: { source: usage.source, id: usage.id },
      feature: debit.feature,
      reason,
      amount,
      restored,
      uncovered,
      ...(uncovered.isPositive ? { disposition: debit.disposition } : {}),
    },
  ];
}

function lastDrawn(draws: readonly Draw[], amount: Amount): readonly Draw[] {
  const restored: Draw[] = [];
  let left = amount;
  for (const draw of draws.toReversed()) {
    if (!left.isPositive) break;
    const part = Amount.min(draw.amount, left);
    restored.push({ ...draw, amount: part });
    left = left.minus(part);
  }
  return restored;
}

/** A grant that was closed is carried in the event, so that folding it needs nothing else. */
function reopening(
  draw: Draw,
  wallet: Wallet,
  {
    state,
    now,
    closedGrants,
  }: Pick<Deciding, 'state' | 'now'> & { readonly closedGrants: History['closedGrants'] },
): RestoredDraw {
  const isIt = ({ grantId }: Grant) => grantId === draw.grantId;
  if (wallet.grants.some(isIt)) return draw;
  const closed = wallet.closed.find(isIt) ?? closedGrants?.find(isIt);
  if (closed === undefined) throw new MissingHistory(`grant ${draw.grantId}`);
  return { ...draw, reopened: withPresentEnd(closed, state, now) };
}

/** While it was closed, a change or cancellation may have ended grants of its kind. */
function withPresentEnd(grant: Grant, state: AccountState, now: Instant): Grant {
  const { grantId, origin, effectiveAt } = grant;
  if (origin.kind !== 'allowance' && origin.kind !== 'rollover') return grant;
  const subscription = findSubscription(state, origin.subscriptionId);
  if (subscription === undefined) return grant;
  const { endsAt } = subscription;
  const end =
    origin.kind === 'rollover' ? endsAt : endOfAllowance(subscription, termsNumber(grantId), effectiveAt);
  return end !== null && outlives(grant, end, end === endsAt) ? endedEarly(grant, end, now) : grant;
}

function exceeds(amount: Amount, { debited, left }: ReversibleDebit): Rejection {
  const numbers = { amount: amount.toString(), debited: debited.toString(), left: left.toString() };
  const message = left.isZero
    ? `nothing is left to reverse of a debit of ${numbers.debited}`
    : `${numbers.amount} cannot be reversed: ${numbers.left} is left of a debit of ${numbers.debited}`;
  return rejection('REVERSAL_EXCEEDS_DEBIT', message, { numbers });
}
