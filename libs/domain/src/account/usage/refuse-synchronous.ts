import type { Amount } from '../../amount/index.js';
import type { PlanCredit } from '../../catalog/index.js';
import { rejection, type Rejection } from '../../rejection.js';
import { insufficientCredits } from '../refusals.js';
import type { AccountState, Subscription, Wallet } from '../state.js';
import { limitAt } from '../subscription/terms.js';
import { availableAt } from '../wallet/available.js';
import { spendable, type Claim } from '../wallet/draw.js';

/** The terms that synchronous use is judged by. */
export interface AccessTerms {
  readonly subscription: Subscription;
  readonly credit: PlanCredit;
}

/**
 * Why a synchronous debit or hold is refused: credits have to be purchased first, the balance is below a limit
 * that restricts, or there is not enough. Undefined: it is not.
 */
export function refuseSynchronous(
  state: AccountState,
  terms: AccessTerms | undefined,
  wallet: Wallet,
  claim: Claim,
  required: Amount,
  { allOrNothing }: { readonly allOrNothing: boolean },
): Rejection | undefined {
  return (
    (terms && (refuseUnpurchased(terms) ?? refuseBelowLimit(state, wallet, claim))) ??
    (allOrNothing ? refuseUnpaid(wallet, claim, required) : undefined)
  );
}

function refuseUnpurchased({ subscription, credit }: AccessTerms): Rejection | undefined {
  const { creditSystem, mandatoryPurchase } = credit;
  if (!mandatoryPurchase || subscription.purchasedIn.includes(creditSystem)) return undefined;
  return rejection(
    'PURCHASE_REQUIRED',
    `${creditSystem} must be purchased under subscription ${subscription.id} before it is used`,
  );
}

/** The limit of the subscription that started first, as in `LowBalanceReached`, whichever of them prices the feature. */
function refuseBelowLimit(state: AccountState, wallet: Wallet, { at }: Claim): Rejection | undefined {
  const limit = limitAt(state, wallet.creditSystem, at);
  if (limit?.action !== 'restrict') return undefined;
  const available = availableAt(wallet, at);
  if (!available.lessThan(limit.threshold)) return undefined;
  const numbers = { available: available.toString(), threshold: limit.threshold.toString() };
  return rejection(
    'BELOW_CREDIT_LIMIT',
    `${numbers.available} ${wallet.creditSystem} are available, and below ${numbers.threshold} use is restricted`,
    { numbers },
  );
}

function refuseUnpaid(wallet: Wallet, claim: Claim, required: Amount): Rejection | undefined {
  const available = spendable(wallet, claim);
  return available.lessThan(required)
    ? insufficientCredits(wallet.creditSystem, available, required)
    : undefined;
}
