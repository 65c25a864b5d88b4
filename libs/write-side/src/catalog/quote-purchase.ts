import {
  addDuration,
  AmountOverflow,
  findCreditSystem,
  findPlan,
  InvalidInstant,
  quote,
  refuseQuantity,
  rejection,
  rejectionForFaults,
  type Amount,
  type Catalog,
  type Instant,
  type Plan,
  type PlanCredit,
  type Quote,
  type Rejection,
} from '#domain';

/** What somebody would like to know the price of. */
export interface QuoteQuestion {
  readonly planId: string;
  /** Undefined: the latest published version. */
  readonly planVersion: number | undefined;
  readonly creditSystem: string;
  /** Credits. */
  readonly quantity: Amount;
  /** `topUp`: bought once; `recurring`: as a pack each billing interval. */
  readonly as: 'topUp' | 'recurring';
  /** When it would be bought. */
  readonly at: Instant;
}

export interface PurchaseQuote {
  readonly plan: Plan;
  readonly quote: Quote;
  /** When credits bought then would expire; null: never. */
  readonly expiresAt: Instant | null;
}

/** Prices a purchase as `PurchaseCredits` would, and buys nothing. */
export function quotePurchase(catalog: Catalog, question: QuoteQuestion): PurchaseQuote | Rejection {
  const { planId, planVersion, creditSystem, quantity } = question;
  const plan = findPlan(catalog, planId, planVersion);
  if (!plan) return planUnknown(planId, planVersion);
  if (!findCreditSystem(catalog, creditSystem)) {
    return rejection('CREDIT_SYSTEM_UNKNOWN', `no credit system ${JSON.stringify(creditSystem)}`);
  }
  const credit = plan.credits.find((attached) => attached.creditSystem === creditSystem);
  const schedule = question.as === 'topUp' ? credit?.priced?.topUp : credit?.priced?.recurring?.schedule;
  if (!credit || !schedule) return notForSale(plan, question);
  if (!quantity.isPositive) {
    return malformed('quantity', `must be positive, not ${quantity.toString()}`);
  }
  // A pack's quantity is the plan's own; the limits are for what a customer chooses.
  const outOfRange = question.as === 'topUp' ? refuseQuantity(quantity, credit) : undefined;
  if (outOfRange) return outOfRange;
  try {
    return { plan, quote: quote(schedule, quantity), expiresAt: expiryOf(credit, plan, question.at) };
  } catch (error) {
    // Each within its limits, but too much together: a price of more than 18 digits, an expiry after the year 9999.
    if (error instanceof AmountOverflow) return malformed('quantity', error.message);
    if (error instanceof InvalidInstant)
      return malformed('at', `credits bought then expire beyond the calendar: ${error.message}`);
    throw error;
  }
}

function malformed(path: string, message: string): Rejection {
  return rejectionForFaults('COMMAND_MALFORMED', 'quote', [{ path, message }]);
}

export function planUnknown(planId: string, version?: number): Rejection {
  const which = version === undefined ? 'no published version' : `no version ${version}`;
  return rejection('PLAN_UNKNOWN', `${which} of a plan ${JSON.stringify(planId.slice(0, 64))}`);
}

function expiryOf({ expiresAfter }: PlanCredit, { timeZone }: Plan, at: Instant): Instant | null {
  return expiresAfter === null ? null : addDuration(at, expiresAfter, timeZone);
}

function notForSale(plan: Plan, { creditSystem, as }: QuoteQuestion): Rejection {
  const what = as === 'topUp' ? 'top-up price' : 'recurring pack';
  return rejection(
    'NOT_FOR_SALE',
    `plan ${plan.id} version ${plan.version} has no ${what} for ${creditSystem}`,
  );
}
