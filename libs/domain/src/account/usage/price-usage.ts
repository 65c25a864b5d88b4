import { debitAmount, type Amount } from '../../amount/index.js';
import {
  featureCost,
  type CreditSystem,
  type Plan,
  type PlanCredit,
  type PlanFeature,
} from '../../catalog/index.js';
import { plusMs, type Instant } from '../../time/index.js';
import type { DecisionContext } from '../decision.js';
import { creditSystemOf, usageHorizon } from '../fact.js';
import type { AccountState, Subscription } from '../state.js';
import { creditOf, hasEndedAt, planOf, termsAt } from '../subscription/terms.js';
import { DEFAULT_CLOCK_SKEW_MS } from '../wallet/draw.js';

/** What units of a feature cost, and by whose terms. */
export interface Price {
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly credit: PlanCredit;
  readonly cost: PlanFeature;
  readonly system: CreditSystem;
  /** The instant at which the usage burns. */
  readonly placedAt: Instant;
}

/**
 * By which terms usage of a feature is priced (those of the time at which it happened), and where it is placed:
 * not after now, and not before the usage horizon, since what expired before it is settled. Undefined when no
 * plan in force has the feature paid with credits.
 */
export function priceUsage(
  state: AccountState,
  feature: string,
  happenedAt: Instant,
  now: Instant,
  context: DecisionContext,
): Price | undefined {
  const at = happenedAt > now ? now : happenedAt;
  for (const subscription of state.subscriptions) {
    if (!isInForce(subscription, at, context)) continue;
    const plan = planOf(context.catalog, termsAt(subscription, at).plan);
    const cost = featureCost(plan, feature);
    // The subscription in force that started first and has the feature paid with credits.
    if (cost === undefined) continue;
    const credit = creditOf(plan, cost.creditSystem);
    if (credit === undefined)
      throw new Error(`plan ${plan.id} version ${plan.version} lacks ${cost.creditSystem}`);
    const system = creditSystemOf(context, cost.creditSystem);
    const horizon = usageHorizon(context, system.key);
    return { subscription, plan, credit, cost, system, placedAt: at < horizon ? horizon : at };
  }
  return undefined;
}

/** A producer's clock may be a little behind ours: usage counts from that much before the start. */
function isInForce(subscription: Subscription, at: Instant, context: DecisionContext): boolean {
  if (hasEndedAt(subscription, at)) return false;
  const { startsAt } = subscription;
  return startsAt <= at || startsAt <= plusMs(at, context.clockSkewMs ?? DEFAULT_CLOCK_SKEW_MS);
}

/** quantity × credit cost, rounded once to the credit system's scale. */
export function costOf({ cost, system }: Price, quantity: Amount): Amount {
  return debitAmount(quantity, cost.creditCost, system.scale);
}
