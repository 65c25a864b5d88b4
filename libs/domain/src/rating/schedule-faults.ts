import { Amount } from '../amount/index.js';
import type { Fault } from '../rejection.js';
import { isCurrency } from './currency.js';
import type { PriceScheduleDraft, PriceTierDraft } from './schedule.js';

const MAX_TIERS = 100;
const ONE = Amount.parse('1');

/** Everything that is wrong with a schedule, by path below `path`. Empty: `quote` can price any quantity by it. */
export function scheduleFaults(schedule: PriceScheduleDraft, path: string): readonly Fault[] {
  const faults: Fault[] = [];
  if (!isCurrency(schedule.currency)) {
    faults.push({
      path: `${path}.currency`,
      message: `not an ISO 4217 currency: ${JSON.stringify(schedule.currency)}`,
    });
  }
  pushNegative(faults, `${path}.taxPercent`, schedule.taxPercent);
  if (schedule.tiers.length === 0) faults.push({ path: `${path}.tiers`, message: 'needs at least one tier' });
  if (schedule.tiers.length > MAX_TIERS) {
    faults.push({
      path: `${path}.tiers`,
      message: `at most ${MAX_TIERS} tiers, not ${schedule.tiers.length}`,
    });
    return faults;
  }
  schedule.tiers.forEach((tier, index) => {
    faults.push(...boundFaults(schedule.tiers, index, `${path}.tiers[${index}]`));
    faults.push(...priceFaults(tier, `${path}.tiers[${index}]`));
  });
  return faults;
}

/** Tiers must be contiguous from 0 and end open. */
function boundFaults(tiers: readonly PriceTierDraft[], index: number, path: string): readonly Fault[] {
  const tier = tiers[index];
  if (!tier) return [];
  const faults: Fault[] = [];
  const isLast = index === tiers.length - 1;
  const lastUnit = tier.lastUnit ?? null;
  const before = index === 0 ? Amount.zero : (tiers[index - 1]?.lastUnit ?? null);

  if (index === 0 && !tier.firstUnit.isZero) {
    faults.push({
      path: `${path}.firstUnit`,
      message: `the first tier begins at 0, not ${tier.firstUnit.toString()}`,
    });
  } else if (index > 0 && before) {
    const fault = seamFault(before, tier.firstUnit);
    if (fault) faults.push({ path: `${path}.firstUnit`, message: fault });
  }
  if (isLast && lastUnit) {
    faults.push({
      path: `${path}.lastUnit`,
      message: `the last tier is open-ended: leave its last unit out, not ${lastUnit.toString()}`,
    });
  } else if (!isLast && !lastUnit) {
    faults.push({ path: `${path}.lastUnit`, message: 'only the last tier is open-ended' });
  }
  if (lastUnit && before && !lastUnit.greaterThan(before)) {
    faults.push({
      path: `${path}.lastUnit`,
      message: `must be above ${before.toString()}, where the tier begins, not ${lastUnit.toString()}`,
    });
  } else if (lastUnit?.lessThan(tier.firstUnit)) {
    faults.push({
      path: `${path}.lastUnit`,
      message: `${lastUnit.toString()} is below the first unit ${tier.firstUnit.toString()}`,
    });
  }
  return faults;
}

function seamFault(before: Amount, firstUnit: Amount): string | undefined {
  const apart = firstUnit.units - before.units;
  if (apart === 0n || apart === ONE.units) return undefined;
  const expected = `the tier before ends at ${before.toString()}, so this one begins there or one unit after`;
  return `${apart < 0n ? 'overlap' : 'gap'}: ${expected}, not at ${firstUnit.toString()}`;
}

function priceFaults(tier: PriceTierDraft, path: string): readonly Fault[] {
  const faults: Fault[] = [];
  pushNegative(faults, `${path}.flatFee`, tier.flatFee);
  switch (tier.model) {
    case 'perUnit':
      pushNegative(faults, `${path}.unitPrice`, tier.unitPrice);
      break;
    case 'perPackage':
      if (!tier.packageSize.isPositive) {
        faults.push({
          path: `${path}.packageSize`,
          message: `must be positive, not ${tier.packageSize.toString()}`,
        });
      }
      pushNegative(faults, `${path}.packagePrice`, tier.packagePrice);
      break;
    case 'flat':
      pushNegative(faults, `${path}.flatPrice`, tier.flatPrice);
      break;
    case 'percentage':
      pushNegative(faults, `${path}.percent`, tier.percent);
      break;
  }
  return faults;
}

function pushNegative(faults: Fault[], path: string, amount: Amount | null | undefined): void {
  if (amount?.isNegative) faults.push({ path, message: `must not be negative: ${amount.toString()}` });
}
