import { Amount, isDuration, exactDurationMs, isResetInterval } from '#domain';
import * as z from 'zod';

const DECIMAL = /^-?\d{1,18}(?:\.\d{1,12})?$/;

/** A decimal in quotes ("0.5"), or a plain integer; YAML would read 0.5 as a number that is not exactly 0.5. */
const decimal = z
  .union(
    [
      z.string().regex(DECIMAL, 'must be a plain decimal, at most 18 digits before the point and 12 after'),
      z.number().refine(Number.isSafeInteger, 'a decimal fraction must be quoted, as in "0.5"'),
    ],
    'must be a decimal in quotes or an integer',
  )
  .transform((value) => Amount.parse(String(value)))
  .meta({ description: 'A decimal in quotes ("0.5"), or an integer.' });

const integer = z.int('must be an integer');
const text = z.string();
const key = z.string().min(1, 'must not be empty');

const unit = z.enum(['hour', 'day', 'week', 'month', 'year']);

/** `month`, or `{ unit: week, count: 2 }`. */
const interval = z
  .union(
    [unit, z.strictObject({ unit, count: integer })],
    'must be an interval: month, or { unit: week, count: 2 }',
  )
  .transform((value) => (typeof value === 'string' ? { unit: value, count: 1 } : value))
  .refine(isResetInterval, 'must be a positive whole multiple of hour, day, week, month or year');

const calendarDuration = z
  .string()
  .refine(isDuration, 'must be an ISO 8601 duration of whole components, as in P3M');

/** `PT1H`, or milliseconds. */
const elapsedTime = z
  .union(
    [z.string(), integer.min(0, 'must not be negative')],
    'must be an ISO 8601 duration or an integer of milliseconds',
  )
  .transform((value, context): number => {
    const ms = typeof value === 'number' ? value : exactDurationMs(value);
    if (ms !== undefined) return ms;
    const message = 'must be an ISO 8601 duration of hours, minutes and seconds, as in PT1H';
    context.issues.push({ code: 'custom', message, input: value });
    return z.NEVER;
  });

const tierBounds = {
  firstUnit: decimal,
  lastUnit: decimal.nullish(),
  flatFee: decimal.nullish(),
};

const tier = z.discriminatedUnion(
  'model',
  [
    z.strictObject({ ...tierBounds, model: z.literal('perUnit'), unitPrice: decimal }),
    z.strictObject({
      ...tierBounds,
      model: z.literal('perPackage'),
      packageSize: decimal,
      packagePrice: decimal,
    }),
    z.strictObject({ ...tierBounds, model: z.literal('flat'), flatPrice: decimal }),
    z.strictObject({ ...tierBounds, model: z.literal('percentage'), percent: decimal }),
  ],
  'must be a tier with model perUnit, perPackage, flat or percentage',
);

const schedule = z.strictObject({
  kind: z.enum(['graduated', 'volume']),
  currency: text,
  taxPercent: decimal.nullish(),
  tiers: z.array(tier),
});

const credit = z.strictObject({
  creditSystem: key,
  included: z
    .strictObject({
      allowance: decimal,
      resetInterval: interval,
      rollover: z.strictObject({ cap: decimal.nullish(), periods: integer }).nullish(),
      priority: integer.optional(),
    })
    .nullish(),
  priced: z
    .strictObject({
      commitment: z.enum(['upfront', 'payAsYouGo']).optional(),
      topUp: schedule.nullish(),
      recurring: z.strictObject({ quantity: decimal, billingInterval: interval, schedule }).nullish(),
      priority: integer.optional(),
    })
    .nullish(),
  onEmpty: z.enum(['block', 'payAsYouGo']).optional(),
  lowCreditLimit: z.strictObject({ threshold: decimal, action: z.enum(['alert', 'restrict']) }).nullish(),
  mandatoryPurchase: z.boolean().optional(),
  expiresAfter: calendarDuration.nullish(),
  minQuantity: decimal.nullish(),
  maxQuantity: decimal.nullish(),
});

const feature = z.strictObject({
  feature: key,
  creditSystem: key,
  creditCost: decimal,
  prepaid: z.boolean().optional(),
});

/** What one plan of the file says: a draft, which is published unless the file says otherwise. */
export const planEntry = z.strictObject({
  id: key,
  publish: z.boolean().default(true),
  name: text,
  timeZone: text.optional(),
  credits: z.array(credit).optional(),
  features: z.array(feature).optional(),
});

export const creditSystemEntry = z.strictObject({
  key: key.optional(),
  name: text,
  description: text.nullish(),
  unitLabels: z.strictObject({ singular: text, plural: text }).optional(),
  scale: integer.optional(),
  lateUsageGrace: elapsedTime.optional(),
});

export const planFileSchema = z.strictObject({
  creditSystems: z.array(creditSystemEntry).default([]),
  plans: z.array(planEntry).default([]),
});
