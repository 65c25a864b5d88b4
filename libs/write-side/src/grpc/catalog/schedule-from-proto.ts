import type { rpc } from '#contracts';
import {
  Amount,
  type IntervalUnit,
  type PriceModel,
  type PriceScheduleDraft,
  type PriceTierDraft,
  type ResetInterval,
} from '#domain';
import type { RequestFields } from '#platform';

type Kind = PriceScheduleDraft['kind'];

const KINDS: Readonly<Record<string, Kind>> = { GRADUATED: 'graduated', VOLUME: 'volume' };

const MODELS: Readonly<Record<string, PriceModel['model']>> = {
  PER_UNIT: 'perUnit',
  PER_PACKAGE: 'perPackage',
  FLAT: 'flat',
  PERCENTAGE: 'percentage',
};

const UNITS: Readonly<Record<string, IntervalUnit>> = {
  HOUR: 'hour',
  DAY: 'day',
  WEEK: 'week',
  MONTH: 'month',
  YEAR: 'year',
};

/** Every field that prices a tier under one model or another, with its name in the request. */
const PRICES = {
  unitPrice: 'unit_price',
  packageSize: 'package_size',
  packagePrice: 'package_price',
  flatPrice: 'flat_price',
  percent: 'percent',
} as const;
type PriceField = keyof typeof PRICES;

const PRICES_OF: Readonly<Record<PriceModel['model'], readonly PriceField[]>> = {
  perUnit: ['unitPrice'],
  perPackage: ['packageSize', 'packagePrice'],
  flat: ['flatPrice'],
  percentage: ['percent'],
};

/** A price schedule of a request; what is wrong with it is told to `fields`, by path below `path`. */
export function scheduleFromProto(
  schedule: rpc.PriceSchedule,
  fields: RequestFields,
  path: string,
): PriceScheduleDraft {
  return {
    kind: fields.oneOf(schedule.kind, `${path}.kind`, KINDS) ?? 'graduated',
    currency: schedule.currency,
    taxPercent: fields.optionalAmount(schedule.taxPercent, `${path}.tax_percent`),
    tiers: schedule.tiers.map((tier, index) => tierFromProto(tier, fields, `${path}.tiers[${index}]`)),
  };
}

/** An interval that a request must give. */
export function intervalFromProto(
  interval: rpc.Interval | null,
  fields: RequestFields,
  path: string,
): ResetInterval {
  if (!interval) {
    fields.fault(path, 'is missing');
    return { unit: 'day', count: 1 };
  }
  return { unit: fields.oneOf(interval.unit, `${path}.unit`, UNITS) ?? 'day', count: interval.count };
}

function tierFromProto(tier: rpc.PriceTier, fields: RequestFields, path: string): PriceTierDraft {
  return {
    firstUnit: fields.amount(tier.firstUnit, `${path}.first_unit`),
    lastUnit: fields.optionalAmount(tier.lastUnit, `${path}.last_unit`),
    flatFee: fields.optionalAmount(tier.flatFee, `${path}.flat_fee`),
    ...modelFromProto(tier, fields, path),
  };
}

function modelFromProto(tier: rpc.PriceTier, fields: RequestFields, path: string): PriceModel {
  const model = fields.oneOf(tier.model, `${path}.model`, MODELS);
  // The faults of an unknown model's prices would be guesses.
  if (!model) return { model: 'flat', flatPrice: Amount.zero };
  refuseOtherPrices(tier, model, fields, path);
  const price = (field: PriceField): Amount => fields.amount(tier[field], `${path}.${PRICES[field]}`);
  switch (model) {
    case 'perUnit':
      return { model, unitPrice: price('unitPrice') };
    case 'perPackage':
      return { model, packageSize: price('packageSize'), packagePrice: price('packagePrice') };
    case 'flat':
      return { model, flatPrice: price('flatPrice') };
    case 'percentage':
      return { model, percent: price('percent') };
  }
}

/** A price that the model never looks at is a mistake somebody would find on an invoice. */
function refuseOtherPrices(
  tier: rpc.PriceTier,
  model: PriceModel['model'],
  fields: RequestFields,
  path: string,
): void {
  for (const field of Object.keys(PRICES) as PriceField[]) {
    if (tier[field] !== '' && !PRICES_OF[model].includes(field)) {
      fields.fault(`${path}.${PRICES[field]}`, `means nothing for the model ${tier.model}: leave it out`);
    }
  }
}
