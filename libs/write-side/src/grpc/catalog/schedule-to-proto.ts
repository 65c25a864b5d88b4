import type { rpc } from '#contracts';
import type { IntervalUnit, PriceModel, PriceSchedule, PriceTier, ResetInterval } from '#domain';

const UNITS: Readonly<Record<IntervalUnit, rpc.Interval['unit']>> = {
  hour: 'HOUR',
  day: 'DAY',
  week: 'WEEK',
  month: 'MONTH',
  year: 'YEAR',
};

export function intervalToProto({ unit, count }: ResetInterval): rpc.Interval {
  return { unit: UNITS[unit], count };
}

export function scheduleToProto({ kind, currency, taxPercent, tiers }: PriceSchedule): rpc.PriceSchedule {
  return {
    kind: kind === 'graduated' ? 'GRADUATED' : 'VOLUME',
    currency,
    taxPercent: taxPercent?.toString() ?? '',
    tiers: tiers.map(tierToProto),
  };
}

function tierToProto(tier: PriceTier): rpc.PriceTier {
  return {
    firstUnit: tier.firstUnit.toString(),
    lastUnit: tier.lastUnit?.toString() ?? '',
    flatFee: tier.flatFee?.toString() ?? '',
    unitPrice: '',
    packageSize: '',
    packagePrice: '',
    flatPrice: '',
    percent: '',
    ...modelToProto(tier),
  };
}

function modelToProto(tier: PriceModel): Pick<rpc.PriceTier, 'model'> & Partial<rpc.PriceTier> {
  switch (tier.model) {
    case 'perUnit':
      return { model: 'PER_UNIT', unitPrice: tier.unitPrice.toString() };
    case 'perPackage':
      return {
        model: 'PER_PACKAGE',
        packageSize: tier.packageSize.toString(),
        packagePrice: tier.packagePrice.toString(),
      };
    case 'flat':
      return { model: 'FLAT', flatPrice: tier.flatPrice.toString() };
    case 'percentage':
      return { model: 'PERCENTAGE', percent: tier.percent.toString() };
  }
}
