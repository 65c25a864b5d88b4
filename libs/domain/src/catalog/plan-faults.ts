import { Amount, AmountOverflow } from '../amount/index.js';
import { quote, scheduleFaults } from '../rating/index.js';
import type { Fault } from '../rejection.js';
import { isPositiveDuration, isResetInterval, isTimeZone, type ResetInterval } from '../time/index.js';
import type {
  IncludedCredits,
  PlanCredit,
  PlanFeature,
  PlanTerms,
  PricedCredits,
  RecurringPack,
} from './plan.js';
import { planSizeFaults } from './plan-size.js';
import { findCreditSystem, type Catalog } from './state.js';
import { keyFaults, nameFaults, show } from './text-faults.js';

const MAX_CREDITS = 100;
const MAX_FEATURES = 1000;
const MAX_PRIORITY = 1_000_000;
const MAX_ROLLOVER_PERIODS = 1000;
/**
 * Most credits that a plan may grant in a period. Time alone grants them, and nobody could refuse it: a hundred thousand
 * periods, eleven years of hours, still fit a wallet.
 */
const MAX_PER_PERIOD = Amount.parse('1000000000000');

/** Everything in which a plan contradicts itself or the catalog, by path. */
export function planFaults(planId: string, terms: PlanTerms, catalog: Catalog): readonly Fault[] {
  const faults: Fault[] = [...keyFaults(planId, 'planId'), ...nameFaults(terms.name, 'name')];
  if (!isTimeZone(terms.timeZone)) {
    faults.push({ path: 'timeZone', message: `not an IANA time zone: ${show(terms.timeZone)}` });
  }
  if (terms.credits.length > MAX_CREDITS) {
    return [...faults, { path: 'credits', message: `at most ${MAX_CREDITS}, not ${terms.credits.length}` }];
  }
  if (terms.features.length > MAX_FEATURES) {
    return [
      ...faults,
      { path: 'features', message: `at most ${MAX_FEATURES}, not ${terms.features.length}` },
    ];
  }
  const attached = new Map<string, string>();
  terms.credits.forEach((credit, index) => {
    const path = `credits[${index}]`;
    faults.push(...attachmentFaults(credit, path, attached, catalog), ...creditFaults(credit, path));
  });
  const metered = new Map<string, string>();
  terms.features.forEach((feature, index) => {
    faults.push(...featureFaults(feature, `features[${index}]`, attached, metered));
  });
  return faults.length > 0 ? faults : planSizeFaults(terms);
}

function attachmentFaults(
  { creditSystem }: PlanCredit,
  path: string,
  attached: Map<string, string>,
  catalog: Catalog,
): readonly Fault[] {
  const earlier = attached.get(creditSystem);
  if (earlier !== undefined) {
    return [
      { path: `${path}.creditSystem`, message: `${show(creditSystem)} is attached already by ${earlier}` },
    ];
  }
  attached.set(creditSystem, path);
  if (findCreditSystem(catalog, creditSystem)) return [];
  return [{ path: `${path}.creditSystem`, message: `unknown credit system ${show(creditSystem)}` }];
}

function creditFaults(credit: PlanCredit, path: string): readonly Fault[] {
  const faults: Fault[] = [];
  const { included, priced, lowCreditLimit, expiresAfter, minQuantity, maxQuantity } = credit;
  if (included) faults.push(...includedFaults(included, `${path}.included`));
  if (priced) faults.push(...pricedFaults(priced, `${path}.priced`));
  if (priced?.commitment === 'payAsYouGo' && credit.onEmpty === 'block') {
    faults.push({
      path: `${path}.onEmpty`,
      message: 'pay-as-you-go bills usage that no credits cover; with block there is none',
    });
  }
  if (lowCreditLimit?.threshold.isNegative) {
    faults.push(negative(`${path}.lowCreditLimit.threshold`, lowCreditLimit.threshold));
  }
  if (credit.mandatoryPurchase && !priced) {
    faults.push({
      path: `${path}.mandatoryPurchase`,
      message: 'requires a purchase, but no credits are for sale',
    });
  }
  if (expiresAfter !== null && !isPositiveDuration(expiresAfter)) {
    faults.push({
      path: `${path}.expiresAfter`,
      message: `not a positive ISO 8601 duration of at most 1,000 years (P3M, P30D): ${show(expiresAfter)}`,
    });
  }
  if (minQuantity?.isNegative) faults.push(negative(`${path}.minQuantity`, minQuantity));
  if (maxQuantity && !maxQuantity.isPositive) faults.push(notPositive(`${path}.maxQuantity`, maxQuantity));
  if (minQuantity && maxQuantity && minQuantity.greaterThan(maxQuantity)) {
    faults.push({
      path: `${path}.minQuantity`,
      message: `${minQuantity.toString()} is above the maximum quantity ${maxQuantity.toString()}`,
    });
  }
  return faults;
}

function includedFaults(included: IncludedCredits, path: string): readonly Fault[] {
  const { allowance, resetInterval, rollover } = included;
  const faults: Fault[] = [...priorityFaults(included.priority, `${path}.priority`)];
  faults.push(...perPeriodFaults(allowance, `${path}.allowance`));
  const intervalWrong = intervalFaults(resetInterval, `${path}.resetInterval`);
  faults.push(...intervalWrong);
  if (!rollover) return faults;
  if (rollover.cap && !rollover.cap.isPositive)
    faults.push(notPositive(`${path}.rollover.cap`, rollover.cap));
  const { periods } = rollover;
  if (!Number.isInteger(periods) || periods < 1 || periods > MAX_ROLLOVER_PERIODS) {
    faults.push({
      path: `${path}.rollover.periods`,
      message: `a whole number from 1 to ${MAX_ROLLOVER_PERIODS}, not ${periods}`,
    });
  } else if (intervalWrong.length === 0 && !isResetInterval(times(resetInterval, periods + 1))) {
    faults.push({
      path: `${path}.rollover.periods`,
      message: `${periods} periods last more than a thousand years`,
    });
  }
  return faults;
}

function pricedFaults(priced: PricedCredits, path: string): readonly Fault[] {
  const { topUp, recurring } = priced;
  const faults: Fault[] = [...priorityFaults(priced.priority, `${path}.priority`)];
  if (!topUp && !recurring)
    faults.push({ path, message: 'has no price: give one for top-ups, a recurring one, or both' });
  if (topUp) faults.push(...scheduleFaults(topUp, `${path}.topUp`));
  if (!recurring) return faults;
  if (priced.commitment === 'payAsYouGo') {
    faults.push({
      path: `${path}.recurring`,
      message:
        'a pay-as-you-go recurring price: recurring credits are bought in advance (commitment upfront)',
    });
  }
  faults.push(...perPeriodFaults(recurring.quantity, `${path}.recurring.quantity`));
  faults.push(...intervalFaults(recurring.billingInterval, `${path}.recurring.billingInterval`));
  faults.push(...packPriceFaults(recurring, `${path}.recurring`));
  return faults;
}

/** A pack is priced by time alone, when nobody is there to be refused: its price must be one that can be counted. */
function packPriceFaults({ quantity, schedule }: RecurringPack, path: string): readonly Fault[] {
  const faults = scheduleFaults(schedule, `${path}.schedule`);
  if (faults.length > 0 || !quantity.isPositive) return faults;
  try {
    quote(schedule, quantity);
    return [];
  } catch (error) {
    if (!(error instanceof AmountOverflow)) throw error;
    return [
      {
        path: `${path}.schedule`,
        message: `the price of ${quantity.toString()} cannot be counted: ${error.message}`,
      },
    ];
  }
}

function perPeriodFaults(credits: Amount, path: string): readonly Fault[] {
  if (!credits.isPositive) return [notPositive(path, credits)];
  if (!credits.greaterThan(MAX_PER_PERIOD)) return [];
  return [
    { path, message: `at most ${MAX_PER_PERIOD.toString()} credits a period, not ${credits.toString()}` },
  ];
}

function featureFaults(
  { feature, creditSystem, creditCost }: PlanFeature,
  path: string,
  attached: ReadonlyMap<string, string>,
  metered: Map<string, string>,
): readonly Fault[] {
  const faults: Fault[] = [...nameFaults(feature, `${path}.feature`)];
  const earlier = metered.get(feature);
  if (earlier === undefined) metered.set(feature, path);
  else
    faults.push({ path: `${path}.feature`, message: `${show(feature)} has its cost already at ${earlier}` });
  if (!attached.has(creditSystem)) {
    faults.push({
      path: `${path}.creditSystem`,
      message: `${show(creditSystem)} is not attached to the plan (credits)`,
    });
  }
  if (creditCost.isNegative) faults.push(negative(`${path}.creditCost`, creditCost));
  return faults;
}

function priorityFaults(priority: number, path: string): readonly Fault[] {
  if (Number.isInteger(priority) && priority >= 0 && priority <= MAX_PRIORITY) return [];
  return [{ path, message: `a whole number from 0 to ${MAX_PRIORITY}, not ${priority}` }];
}

function intervalFaults(interval: ResetInterval, path: string): readonly Fault[] {
  if (isResetInterval(interval)) return [];
  return [
    {
      path,
      message: `a positive whole multiple of a unit, below 1000 years, not ${interval.count} ${interval.unit}`,
    },
  ];
}

function times({ unit, count }: ResetInterval, factor: number): ResetInterval {
  return { unit, count: count * factor };
}

function negative(path: string, amount: Amount): Fault {
  return { path, message: `must not be negative: ${amount.toString()}` };
}

function notPositive(path: string, amount: Amount): Fault {
  return { path, message: `must be positive, not ${amount.toString()}` };
}
