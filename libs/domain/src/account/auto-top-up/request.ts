import { Amount } from '../../amount/index.js';
import type { PlanCredit } from '../../catalog/index.js';
import type { Instant } from '../../time/index.js';
import type { DecisionContext } from '../decision.js';
import type { AutoTopUpRequested, AutoTopUpStopped, Cause } from '../events.js';
import { fact } from '../fact.js';
import { segment } from '../identity.js';
import { priceRecord } from '../purchase/price-record.js';
import type { AccountState, AutoTopUp, Wallet } from '../state.js';
import { creditOf, findSubscription, isActiveAt, planOf, termsAt } from '../subscription/terms.js';
import { availableAt } from '../wallet/available.js';
import { tooManyCredits } from '../wallet/most-credits.js';
import { askedWith } from './asked-on.js';
import { whereCountable } from './countable.js';
import { priceOf } from './price.js';
import { roomAt, wantsTopUp } from './room.js';

/**
 * Asks for the credits that are missing, or stops where nobody can sell them any more. Asks for what fills the
 * wallet to its target, within the plan's limits per purchase and the caps; not at all when those leave nothing.
 */
export function topUpRequest(
  state: AccountState,
  wallet: Wallet,
  cause: Cause,
  now: Instant,
  { catalog }: DecisionContext,
): readonly (AutoTopUpRequested | AutoTopUpStopped)[] {
  const { autoTopUp, creditSystem, balance } = wallet;
  if (autoTopUp === null) return [];
  const available = availableAt(wallet, now);
  if (!wantsTopUp(autoTopUp, available, now)) return [];
  const wide = { ...fact(cause, now, now), creditSystem, balance };
  const stopped = (reason: string): readonly AutoTopUpStopped[] => [
    { type: 'AutoTopUpStopped', ...wide, reason },
  ];
  const subscription = findSubscription(state, autoTopUp.subscriptionId);
  if (subscription === undefined || !isActiveAt(subscription, now)) {
    return stopped(`subscription ${autoTopUp.subscriptionId} is not active`);
  }
  const { plan } = termsAt(subscription, now);
  const credit = creditOf(planOf(catalog, plan), creditSystem);
  const schedule = credit?.priced?.topUp;
  if (!credit || !schedule) {
    return stopped(`plan ${plan.id} version ${plan.version} does not sell ${creditSystem}`);
  }
  const quantity = quantityToAsk(autoTopUp, credit, available, now);
  if (quantity === null) return [];
  const [tooMany] = tooManyCredits('quantity', quantity, balance);
  if (tooMany !== undefined) return stopped(`a top-up ${tooMany.message}`);
  const price = priceOf(schedule, quantity);
  if (price === undefined) {
    return stopped(`${quantity.toString()} ${creditSystem} cost more than can be counted`);
  }
  if (whereCountable(() => askedWith(autoTopUp.askedOn, quantity, now)) === undefined) {
    return stopped(
      `with ${quantity.toString()} more, the ${creditSystem} asked for within a month are more than can be counted`,
    );
  }
  return [
    {
      type: 'AutoTopUpRequested',
      ...wide,
      requestId: `auto-top-up/${segment(creditSystem)}/${autoTopUp.requests + 1}`,
      subscriptionId: subscription.id,
      plan,
      quantity,
      price: priceRecord(price),
    },
  ];
}

function quantityToAsk(
  autoTopUp: AutoTopUp,
  { minQuantity, maxQuantity }: PlanCredit,
  available: Amount,
  now: Instant,
): Amount | null {
  let quantity = autoTopUp.terms.target.minus(available);
  if (minQuantity !== null) quantity = Amount.max(quantity, minQuantity);
  if (maxQuantity !== null) quantity = Amount.min(quantity, maxQuantity);
  const room = roomAt(autoTopUp, now);
  if (room !== null) quantity = Amount.min(quantity, room);
  return minQuantity !== null && quantity.lessThan(minQuantity) ? null : quantity;
}
