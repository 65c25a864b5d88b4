import { findCreditSystem } from '../../catalog/index.js';
import { isRejection, type Fault, type Rejection } from '../../rejection.js';
import type { ConfigureAutoTopUp } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { AutoTopUpConfigured, AutoTopUpTerms } from '../events.js';
import { fact } from '../fact.js';
import { creditSystemUnknown } from '../grant/credit-system-unknown.js';
import { sellerOf } from '../purchase/seller.js';
import { malformed, mustBePositive } from '../refusals.js';
import { tooManyCredits } from '../wallet/most-credits.js';
import { emptyBalance, walletOf } from '../wallet/wallet.js';
import { priceOf } from './price.js';

/** Sets when a wallet asks for more credits by itself. Starts one again that had stopped. */
export function configureAutoTopUp(
  command: ConfigureAutoTopUp,
  deciding: Deciding,
): readonly AutoTopUpConfigured[] | Rejection {
  const { state, now, cause, context } = deciding;
  const { creditSystem, terms } = command;
  if (findCreditSystem(context.catalog, creditSystem) === undefined) return creditSystemUnknown(creditSystem);
  const faults = faultsOf(terms);
  if (faults.length > 0) return malformed('auto top-up', faults);
  const wallet = walletOf(state, creditSystem);
  const subscriptionId = sellingSubscription(command, deciding, wallet.autoTopUp?.subscriptionId);
  if (isRejection(subscriptionId)) return subscriptionId;
  return [
    {
      type: 'AutoTopUpConfigured',
      ...fact(cause, now, now),
      creditSystem,
      balance: wallet.balance,
      subscriptionId,
      terms,
    },
  ];
}

/** Switching off must work even when nobody sells the credits any more. */
function sellingSubscription(
  { creditSystem, subscriptionId, terms }: ConfigureAutoTopUp,
  deciding: Deciding,
  present: string | undefined,
): string | Rejection {
  if (!terms.enabled && present !== undefined && (subscriptionId ?? present) === present) return present;
  const seller = sellerOf(creditSystem, subscriptionId, deciding);
  if (isRejection(seller)) return seller;
  if (priceOf(seller.topUp, terms.target) === undefined) {
    const message = `${terms.target.toString()} ${creditSystem} cost more than can be counted`;
    return malformed('auto top-up', [{ path: 'terms.target', message }]);
  }
  return seller.subscription.id;
}

function faultsOf({ threshold, target, dailyCap, monthlyCap }: AutoTopUpTerms): readonly Fault[] {
  const faults: Fault[] = [];
  if (threshold.isNegative)
    faults.push({ path: 'terms.threshold', message: `must not be negative: ${threshold.toString()}` });
  if (!target.greaterThan(threshold))
    faults.push({
      path: 'terms.target',
      message: `must be above the threshold of ${threshold.toString()}: ${target.toString()}`,
    });
  faults.push(...tooManyCredits('terms.target', target, emptyBalance));
  if (dailyCap !== null) faults.push(...mustBePositive('terms.dailyCap', dailyCap));
  if (monthlyCap !== null) faults.push(...mustBePositive('terms.monthlyCap', monthlyCap));
  return faults;
}
