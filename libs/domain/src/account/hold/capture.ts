import { Amount } from '../../amount/index.js';
import { isRejection, type Rejection } from '../../rejection.js';
import type { CaptureHold } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { Draw, HoldCaptured } from '../events.js';
import { fact } from '../fact.js';
import { insufficientCredits, malformed } from '../refusals.js';
import { minusDraws, plusDraws, totalOf, withoutHeld } from '../wallet/balance.js';
import { DEFAULT_CLOCK_SKEW_MS, pay, spendable } from '../wallet/draw.js';
import { openHold } from './open-hold.js';

/**
 * Consumes what a hold has set aside, all of it or less; the rest returns to its grants. More is consumed where
 * the balance allows it, all or nothing.
 */
export function captureHold(command: CaptureHold, deciding: Deciding): readonly HoldCaptured[] | Rejection {
  const { now, cause, context } = deciding;
  const found = openHold(command.holdId, deciding);
  if (isRejection(found)) return found;
  const { wallet, hold } = found;
  const held = totalOf(hold.draws);
  const amount = command.amount ?? held;
  if (amount.isNegative) {
    const message = `must not be negative: ${amount.toString()}`;
    return malformed('capture', [{ path: 'amount', message }]);
  }

  const { taken, rest } = split(hold.draws, Amount.min(amount, held));
  const claim = {
    feature: hold.feature,
    at: now,
    clockSkewMs: context.clockSkewMs ?? DEFAULT_CLOCK_SKEW_MS,
  };
  const missing = amount.minus(totalOf(taken));
  const beyond = pay(wallet, claim, missing);
  if (beyond.uncovered.isPositive)
    return insufficientCredits(wallet.creditSystem, spendable(wallet, claim).plus(held), amount);
  return [
    {
      type: 'HoldCaptured',
      ...fact(cause, now, now),
      creditSystem: wallet.creditSystem,
      balance: withoutHeld(plusDraws(minusDraws(wallet.balance, beyond.draws), rest), held),
      holdId: hold.id,
      feature: hold.feature,
      amount,
      draws: taken,
      beyond: beyond.draws,
      returned: rest,
    },
  ];
}

/** The first draws up to an amount, and what is left of them. */
function split(
  draws: readonly Draw[],
  amount: Amount,
): { readonly taken: readonly Draw[]; readonly rest: readonly Draw[] } {
  const taken: Draw[] = [];
  const rest: Draw[] = [];
  let left = amount;
  for (const draw of draws) {
    const part = Amount.min(draw.amount, left);
    left = left.minus(part);
    if (part.isPositive) taken.push({ ...draw, amount: part });
    if (part.lessThan(draw.amount)) rest.push({ ...draw, amount: draw.amount.minus(part) });
  }
  return { taken, rest };
}
