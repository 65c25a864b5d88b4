import { debitAmount, type Amount } from '../../amount/index.js';
import { findCreditSystem } from '../../catalog/index.js';
import { isRejection, rejection, type Fault, type Rejection } from '../../rejection.js';
import type { PlaceHold } from '../commands.js';
import type { Deciding, NotCreditMetered } from '../deciding.js';
import type { HoldPlaced } from '../events.js';
import { fact } from '../fact.js';
import { creditSystemUnknown } from '../grant/credit-system-unknown.js';
import { customerUnknown, malformed, mustBePositive } from '../refusals.js';
import { activeAt, creditOf, planOf, termsAt } from '../subscription/terms.js';
import { priceUsage } from '../usage/price-usage.js';
import { refuseSynchronous, type AccessTerms } from '../usage/refuse-synchronous.js';
import { minusDraws, withHeld } from '../wallet/balance.js';
import { DEFAULT_CLOCK_SKEW_MS, pay } from '../wallet/draw.js';
import { walletOf } from '../wallet/wallet.js';
import { findHold } from './open-hold.js';

/** What a hold sets aside, and by which plan's terms it is judged. */
interface Wanted {
  readonly creditSystem: string;
  readonly feature: string | null;
  readonly amount: Amount;
  readonly terms: AccessTerms | undefined;
}

/**
 * Sets credits aside for a while, all or nothing: held credits are neither spent nor do they expire. Under pay as
 * you go as well a hold never exceeds the balance, since there is nothing to set aside beyond it.
 */
export function placeHold(
  command: PlaceHold,
  deciding: Deciding,
): readonly HoldPlaced[] | Rejection | NotCreditMetered {
  const { state, before, now, cause, context } = deciding;
  const { holdId, timesOutAt } = command;
  if (!state.exists) return customerUnknown();
  const faults = faultsOf(command, deciding);
  if (faults.length > 0) return malformed('hold', faults);
  // One that was open until it timed out a moment ago, in this very decision, had the id as well.
  if (findHold(before, holdId) !== undefined || context.history?.holdClosed === true)
    return rejection('HOLD_EXISTS', `hold ${holdId} was placed before`);
  const wanted = wantedBy(command, deciding);
  if (isRejection(wanted) || 'kind' in wanted) return wanted;

  const { creditSystem, feature, amount, terms } = wanted;
  const wallet = walletOf(state, creditSystem);
  const claim = { feature, at: now, clockSkewMs: context.clockSkewMs ?? DEFAULT_CLOCK_SKEW_MS };
  const refusal = refuseSynchronous(state, terms, wallet, claim, amount, { allOrNothing: true });
  if (refusal !== undefined) return refusal;
  const { draws } = pay(wallet, claim, amount);
  return [
    {
      type: 'HoldPlaced',
      ...fact(cause, now, now),
      creditSystem,
      balance: withHeld(minusDraws(wallet.balance, draws), amount),
      holdId,
      feature,
      amount,
      draws,
      timesOutAt,
    },
  ];
}

function wantedBy(
  { creditSystem, amount, feature, quantity }: PlaceHold,
  { state, now, context }: Deciding,
): Wanted | Rejection | NotCreditMetered {
  if (feature !== undefined && quantity !== undefined) {
    if (activeAt(state, now).length === 0)
      return rejection('NO_SUBSCRIPTION', `no subscription is active at ${now}`);
    const price = priceUsage(state, feature, now, now, context);
    if (price === undefined) return { kind: 'notCreditMetered', feature };
    return {
      creditSystem: price.system.key,
      feature,
      amount: debitAmount(quantity, price.cost.creditCost, price.system.scale),
      terms: price,
    };
  }
  if (creditSystem === undefined || amount === undefined)
    throw new Error('a hold of neither credits nor a feature');
  if (findCreditSystem(context.catalog, creditSystem) === undefined) return creditSystemUnknown(creditSystem);
  return { creditSystem, feature: null, amount, terms: termsFor(creditSystem, state, now, context) };
}

/** Those of the active subscription that started first and has the credit system; credits alone need none. */
function termsFor(
  creditSystem: string,
  state: Deciding['state'],
  now: Deciding['now'],
  { catalog }: Deciding['context'],
): AccessTerms | undefined {
  for (const subscription of activeAt(state, now)) {
    const credit = creditOf(planOf(catalog, termsAt(subscription, now).plan), creditSystem);
    if (credit !== undefined) return { subscription, credit };
  }
  return undefined;
}

function faultsOf(
  { creditSystem, amount, feature, quantity, timesOutAt }: PlaceHold,
  { now }: Deciding,
): readonly Fault[] {
  const faults: Fault[] = [];
  const ofCredits = creditSystem !== undefined && amount !== undefined;
  const ofFeature = feature !== undefined && quantity !== undefined;
  if (ofCredits === ofFeature)
    faults.push({ path: '', message: 'either creditSystem and amount, or feature and quantity' });
  if (amount !== undefined) faults.push(...mustBePositive('amount', amount));
  if (quantity !== undefined) faults.push(...mustBePositive('quantity', quantity));
  if (timesOutAt <= now)
    faults.push({ path: 'timesOutAt', message: `must be after now (${now}): ${timesOutAt}` });
  return faults;
}
