import type { GrantOrigin, PeriodRef, PlanRef, PriceRecord } from '#domain';

/** Parts of a grant that hold no amounts: their keys in one order, and otherwise as they are. */

export function orderedOrigin(origin: GrantOrigin): GrantOrigin {
  const { kind } = origin;
  switch (kind) {
    case 'allowance': {
      const { subscriptionId, plan, period } = origin;
      return { kind, subscriptionId, plan: orderedPlan(plan), period: orderedPeriod(period) };
    }
    case 'pack': {
      const { subscriptionId, plan, period, price } = origin;
      return {
        kind,
        subscriptionId,
        plan: orderedPlan(plan),
        period: orderedPeriod(period),
        price: orderedPrice(price),
      };
    }
    case 'topUp': {
      const { subscriptionId, plan, paymentReference, price, automatic } = origin;
      return {
        kind,
        subscriptionId,
        plan: orderedPlan(plan),
        paymentReference,
        price: orderedPrice(price),
        automatic,
      };
    }
    case 'promotion':
      return { kind, reason: origin.reason, actor: origin.actor };
    case 'rollover':
      return { kind, fromGrantId: origin.fromGrantId, subscriptionId: origin.subscriptionId };
  }
}

export function orderedPlan({ id, version }: PlanRef): PlanRef {
  return { id, version };
}

function orderedPeriod({ index, start, end }: PeriodRef): PeriodRef {
  return { index, start, end };
}

export function orderedPrice({ currency, subtotal, tax, total, lines }: PriceRecord): PriceRecord {
  return {
    currency,
    subtotal,
    tax,
    total,
    lines: lines.map(({ description, quantity, amount }) => ({ description, quantity, amount })),
  };
}
