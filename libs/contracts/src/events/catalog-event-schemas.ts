import * as z from 'zod';
import { commandCause, storedAmount, storedInstant } from './stored-values.js';

const fact = {
  cause: commandCause,
  occurredAt: storedInstant.describe('When it happened. UTC with milliseconds.'),
  recordedAt: storedInstant.describe('When it was decided. UTC with milliseconds.'),
};

const unitLabels = z.strictObject({ singular: z.string(), plural: z.string() });

const interval = z.strictObject({
  unit: z.enum(['hour', 'day', 'week', 'month', 'year']),
  count: z.int(),
});

const bounds = {
  firstUnit: storedAmount,
  lastUnit: storedAmount.nullable().describe('Inclusive. Null: open-ended.'),
};
const flatFee = storedAmount
  .nullable()
  .describe("Charged once beside the model when the tier's share is positive. Null: none.");

const tier = z.discriminatedUnion('model', [
  z.strictObject({ ...bounds, model: z.literal('perUnit'), unitPrice: storedAmount, flatFee }),
  z.strictObject({
    ...bounds,
    model: z.literal('perPackage'),
    packageSize: storedAmount,
    packagePrice: storedAmount,
    flatFee,
  }),
  z.strictObject({ ...bounds, model: z.literal('flat'), flatPrice: storedAmount, flatFee }),
  z.strictObject({ ...bounds, model: z.literal('percentage'), percent: storedAmount, flatFee }),
]);

const schedule = z
  .strictObject({
    kind: z.enum(['graduated', 'volume']),
    currency: z.string().describe('ISO 4217 code.'),
    taxPercent: storedAmount.nullable(),
    tiers: z.array(tier),
  })
  .describe('A price for a quantity, tier by tier.');

const included = z.strictObject({
  allowance: storedAmount.describe('Credits per period.'),
  resetInterval: interval,
  rollover: z.strictObject({ cap: storedAmount.nullable(), periods: z.int() }).nullable(),
  priority: z.int(),
});

const priced = z.strictObject({
  commitment: z.enum(['upfront', 'payAsYouGo']),
  topUp: schedule.nullable(),
  recurring: z.strictObject({ quantity: storedAmount, billingInterval: interval, schedule }).nullable(),
  priority: z.int(),
});

const credit = z.strictObject({
  creditSystem: z.string(),
  included: included.nullable(),
  priced: priced.nullable(),
  onEmpty: z.enum(['block', 'payAsYouGo']),
  lowCreditLimit: z
    .strictObject({ threshold: storedAmount, action: z.enum(['alert', 'restrict']) })
    .nullable(),
  mandatoryPurchase: z.boolean(),
  expiresAfter: z.string().nullable().describe('ISO 8601 calendar duration. Null: never.'),
  minQuantity: storedAmount.nullable(),
  maxQuantity: storedAmount.nullable(),
});

const planTerms = {
  name: z.string(),
  timeZone: z.string().describe('IANA zone in which periods are counted.'),
  credits: z.array(credit),
  features: z.array(
    z.strictObject({
      feature: z.string(),
      creditSystem: z.string(),
      creditCost: storedAmount.describe('Credits per unit.'),
      prepaid: z.boolean(),
    }),
  ),
};

export const catalogEventSchemas = {
  CreditSystemDefined: z
    .strictObject({
      type: z.literal('CreditSystemDefined'),
      ...fact,
      creditSystem: z.string().describe('Its key, unique for ever.'),
      name: z.string(),
      description: z.string().nullable(),
      unitLabels,
      scale: z.int().describe('Decimals a debit is rounded to.'),
      lateUsageGraceMs: z.int().describe('How long an expired grant waits for late usage, in milliseconds.'),
    })
    .describe('A kind of credit came into being.'),

  CreditSystemRenamed: z
    .strictObject({
      type: z.literal('CreditSystemRenamed'),
      ...fact,
      creditSystem: z.string(),
      name: z.string(),
      formerName: z.string(),
    })
    .describe('A credit system got another name.'),

  CreditSystemDescribed: z
    .strictObject({
      type: z.literal('CreditSystemDescribed'),
      ...fact,
      creditSystem: z.string(),
      description: z.string().nullable(),
      unitLabels,
    })
    .describe('A credit system got another description or other unit labels.'),

  LateUsageGraceChanged: z
    .strictObject({
      type: z.literal('LateUsageGraceChanged'),
      ...fact,
      creditSystem: z.string(),
      lateUsageGraceMs: z.int(),
    })
    .describe('How long expired grants wait for late usage changed.'),

  PlanDraftSaved: z
    .strictObject({ type: z.literal('PlanDraftSaved'), ...fact, planId: z.string(), ...planTerms })
    .describe('The draft of a plan was replaced.'),

  PlanPublished: z
    .strictObject({
      type: z.literal('PlanPublished'),
      ...fact,
      planId: z.string(),
      version: z.int(),
      ...planTerms,
    })
    .describe('A draft became a version of its own, for good.'),

  CatalogLeftUnchanged: z
    .strictObject({
      type: z.literal('CatalogLeftUnchanged'),
      ...fact,
      answer: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('creditSystem'), creditSystem: z.string() }),
        z.strictObject({ kind: z.literal('plan'), planId: z.string(), version: z.int().nullable() }),
      ]),
    })
    .describe('A command asked for what was so already; recorded so that its key is remembered.'),
};
