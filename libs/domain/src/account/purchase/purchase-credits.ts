import type { Amount } from '../../amount/index.js';
import { findCreditSystem, type PlanCredit } from '../../catalog/index.js';
import { quote } from '../../rating/index.js';
import { isRejection, rejection, type Rejection } from '../../rejection.js';
import { addDuration, type Instant } from '../../time/index.js';
import type { PurchaseCredits } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { CreditsGranted, GrantTerms } from '../events.js';
import { fact } from '../fact.js';
import { creditSystemUnknown } from '../grant/credit-system-unknown.js';
import { segment } from '../identity.js';
import { malformed, mustBePositive } from '../refusals.js';
import { refOf } from '../subscription/terms.js';
import { withCredits } from '../wallet/balance.js';
import { tooManyCredits } from '../wallet/most-credits.js';
import { walletOf } from '../wallet/wallet.js';
import { priceRecord } from './price-record.js';
import { sellerOf } from './seller.js';

/** A one-time purchase, priced by the plan version the subscription is pinned to. */
export function purchaseCredits(
  command: PurchaseCredits,
  deciding: Deciding,
): readonly CreditsGranted[] | Rejection {
  const { state, now, cause, context } = deciding;
  const { creditSystem, quantity, paymentReference } = command;
  if (findCreditSystem(context.catalog, creditSystem) === undefined) return creditSystemUnknown(creditSystem);
  if (!quantity.isPositive) return malformed('purchase', mustBePositive('quantity', quantity));
  const seller = sellerOf(creditSystem, command.subscriptionId, deciding);
  if (isRejection(seller)) return seller;
  const { subscription, plan, credit, topUp } = seller;
  const outOfRange = refuseQuantity(quantity, credit);
  if (outOfRange !== undefined) return outOfRange;
  const { balance } = walletOf(state, creditSystem);
  const tooMany = tooManyCredits('quantity', quantity, balance);
  if (tooMany.length > 0) return malformed('purchase', tooMany);
  return [
    {
      type: 'CreditsGranted',
      ...fact(cause, now, now),
      creditSystem,
      balance: withCredits(balance, 'purchased', quantity),
      ...purchasedTerms(`purchase/${segment(command.key)}`, credit, plan.timeZone, now),
      origin: {
        kind: 'topUp',
        subscriptionId: subscription.id,
        plan: refOf(plan),
        paymentReference,
        price: priceRecord(quote(topUp, quantity)),
        automatic: false,
      },
      amount: quantity,
    },
  ];
}

/** The terms that every top-up has; they take effect and begin to age at once. */
export function purchasedTerms(
  grantId: string,
  { priced, expiresAfter, creditSystem }: PlanCredit,
  timeZone: string,
  now: Instant,
): Omit<GrantTerms, 'origin'> {
  if (priced === null) throw new Error(`the plan does not sell ${creditSystem}`);
  return {
    grantId,
    source: 'purchased',
    priority: priced.priority,
    effectiveAt: now,
    expiresAt: expiresAfter === null ? null : addDuration(now, expiresAfter, timeZone),
    features: null,
    rollover: null,
  };
}

/** Why a quantity is too small or too large for one purchase; undefined when it is neither. */
export function refuseQuantity(
  quantity: Amount,
  { minQuantity, maxQuantity }: PlanCredit,
): Rejection | undefined {
  const tooFew = minQuantity !== null && quantity.lessThan(minQuantity);
  const tooMany = maxQuantity !== null && quantity.greaterThan(maxQuantity);
  if (!tooFew && !tooMany) return undefined;
  const numbers = {
    quantity: quantity.toString(),
    ...(minQuantity && { minimum: minQuantity.toString() }),
    ...(maxQuantity && { maximum: maxQuantity.toString() }),
  };
  const range = [
    minQuantity && `at least ${minQuantity.toString()}`,
    maxQuantity && `at most ${maxQuantity.toString()}`,
  ];
  return rejection(
    'QUANTITY_OUT_OF_RANGE',
    `a purchase is of ${range.filter((limit) => limit !== null).join(' and ')} credits: ${numbers.quantity}`,
    { numbers },
  );
}
