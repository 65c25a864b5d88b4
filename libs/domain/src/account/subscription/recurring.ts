import type { Plan } from '../../catalog/index.js';
import type { CreditLimit, RecurringGrant } from '../events.js';

/** What a plan grants again and again, in the order of its credits; the allowance before the pack. */
export function recurringOf(plan: Plan): readonly RecurringGrant[] {
  return plan.credits.flatMap(({ creditSystem, included, priced }): RecurringGrant[] => [
    ...(included?.allowance.isPositive ? [{ creditSystem, kind: 'allowance' as const }] : []),
    ...(priced?.recurring ? [{ creditSystem, kind: 'pack' as const }] : []),
  ]);
}

/** The plan's low credit limits, as its events record them: left out when there are none. */
export function limitsOf(plan: Plan): { readonly lowCreditLimits?: readonly CreditLimit[] } {
  const lowCreditLimits = plan.credits.flatMap(({ creditSystem, lowCreditLimit }): CreditLimit[] =>
    lowCreditLimit === null ? [] : [{ creditSystem, ...lowCreditLimit }],
  );
  return lowCreditLimits.length === 0 ? {} : { lowCreditLimits };
}
