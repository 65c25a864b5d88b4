import { Amount } from '../../amount/index.js';
import { rejection, rejectionForFaults } from '../../rejection.js';
import { plusMs } from '../../time/index.js';
import type { RecordUsage } from '../commands.js';
import type { Deciding, Outcome } from '../deciding.js';
import type { CreditsDebited, PricedUsage, UsageUncovered } from '../events.js';
import { customerUnknown } from '../refusals.js';
import { hasEndedAt } from '../subscription/terms.js';
import { minusDraws } from '../wallet/balance.js';
import { DEFAULT_CLOCK_SKEW_MS, pay, type Payment } from '../wallet/draw.js';
import { walletOf } from '../wallet/wallet.js';
import { costOf, priceUsage, type Price } from './price-usage.js';
import { refuseSynchronous } from './refuse-synchronous.js';

/** Usage that claims to happen later than this after now is a mistake, and no clock that is a little fast. */
export const MAX_FUTURE_MS = 5 * 60_000;

/**
 * Debits one usage event. Metered usage has happened already: what the grants do not pay is recorded as
 * uncovered. Synchronous usage asks first: it happens now, and where the plan says `block` it is refused unless
 * the grants pay all of it.
 */
export function recordUsage(command: RecordUsage, deciding: Deciding): Outcome {
  const { state, now, context } = deciding;
  const { feature, quantity, mode, time } = command;
  if (quantity.isNegative) {
    const message = `must not be negative: ${quantity.toString()}`;
    return rejectionForFaults('COMMAND_MALFORMED', 'usage', [{ path: 'quantity', message }]);
  }
  if (time > now && time > plusMs(now, MAX_FUTURE_MS))
    return rejection('TIME_IN_FUTURE', `usage of ${time} lies more than 5 minutes after now (${now})`, {
      faults: [{ path: 'time', message: `more than 5 minutes after ${now}` }],
    });
  if (!state.exists) return customerUnknown();

  const synchronous = mode === 'synchronous';
  if (synchronous && state.subscriptions.every((each) => each.startsAt > now || hasEndedAt(each, now)))
    return rejection('NO_SUBSCRIPTION', `no subscription is active at ${now}`);
  const price = priceUsage(state, feature, synchronous ? now : time, now, context);
  if (price === undefined) return { kind: 'notCreditMetered', feature };

  const amount = costOf(price, quantity);
  const wallet = walletOf(state, price.system.key);
  const claim = {
    feature,
    at: price.placedAt,
    clockSkewMs: context.clockSkewMs ?? DEFAULT_CLOCK_SKEW_MS,
  };
  if (synchronous) {
    const refusal = refuseSynchronous(state, price, wallet, claim, amount, {
      allOrNothing: price.credit.onEmpty === 'block',
    });
    if (refusal !== undefined) return refusal;
  }
  return debit(command, price, amount, pay(wallet, claim, amount), deciding);
}

function debit(
  command: RecordUsage,
  price: Price,
  amount: Amount,
  { draws, covered, uncovered }: Payment,
  { state, now, cause }: Deciding,
): readonly (CreditsDebited | UsageUncovered)[] {
  const { system, credit } = price;
  const usage = pricedUsage(command, price, amount);
  const fact = { cause, occurredAt: command.time, recordedAt: now, creditSystem: system.key };
  const wallet = walletOf(state, system.key);
  const balance = minusDraws(wallet.balance, draws);
  // Usage that costs nothing is recorded as well: its id has to be remembered.
  const debited: CreditsDebited[] =
    covered.isPositive || uncovered.isZero
      ? [{ type: 'CreditsDebited', ...fact, balance, usage, draws, uncovered }]
      : [];
  if (!uncovered.isPositive) return debited;
  // Counted together in the wallet: too much for that is refused (AmountOverflow) before it is recorded.
  Amount.sum([wallet.uncovered.blocked, wallet.uncovered.billable, uncovered]);
  const disposition = credit.onEmpty === 'block' ? 'blocked' : 'billable';
  return [...debited, { type: 'UsageUncovered', ...fact, balance, usage, uncovered, disposition }];
}

function pricedUsage(command: RecordUsage, price: Price, amount: Amount): PricedUsage {
  const { feature, quantity, dimensions, mode } = command;
  return {
    feature,
    quantity,
    dimensions,
    mode,
    subscriptionId: price.subscription.id,
    plan: { id: price.plan.id, version: price.plan.version },
    creditCost: price.cost.creditCost,
    amount,
    placedAt: price.placedAt,
  };
}
