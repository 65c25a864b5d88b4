import * as z from 'zod';
import { creditSource, features, planRef, storedAmount, storedInstant } from './stored-values.js';

const period = z
  .strictObject({ index: z.int(), start: storedInstant, end: storedInstant })
  .describe('One period of a reset or billing interval; the end is exclusive.');

export const priceRecord = z
  .strictObject({
    currency: z.string().describe('ISO 4217 code.'),
    subtotal: z.string(),
    tax: z.string(),
    total: z.string(),
    lines: z
      .array(z.strictObject({ description: z.string(), quantity: z.string(), amount: z.string() }))
      .describe('How the price came about, tier by tier.'),
  })
  .describe('What a purchase cost, as it was rated. Decimal strings.');

const ofSubscription = { subscriptionId: z.string(), plan: planRef };

const origin = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('allowance'), ...ofSubscription, period }),
    z.strictObject({ kind: z.literal('pack'), ...ofSubscription, period, price: priceRecord }),
    z.strictObject({
      kind: z.literal('topUp'),
      ...ofSubscription,
      paymentReference: z.string(),
      price: priceRecord,
      automatic: z.boolean(),
    }),
    z.strictObject({ kind: z.literal('promotion'), reason: z.string(), actor: z.string() }),
    z.strictObject({ kind: z.literal('rollover'), fromGrantId: z.string(), subscriptionId: z.string() }),
  ])
  .describe('Why the credits were granted.');

/** The terms under which a grant may be used. */
export const grantTerms = {
  grantId: z.string(),
  source: creditSource,
  priority: z.int().describe('Lower burns first.'),
  effectiveAt: storedInstant,
  expiresAt: storedInstant.nullable().describe('Exclusive. Null: never.'),
  features: features.describe('Only these features may draw on it. Null: all.'),
  origin,
  rollover: z
    .strictObject({
      cap: storedAmount.nullable().describe('Most credits that move. Null: no cap.'),
      expiresAt: storedInstant.describe('When what moved expires.'),
    })
    .nullable()
    .describe('What moves into a new grant at `expiresAt`. Null: nothing.'),
};

/** A grant as it stands inside an account. */
export const grant = z.strictObject({
  ...grantTerms,
  plannedEnds: z
    .array(z.strictObject({ until: storedInstant, expiresAt: storedInstant.nullable() }))
    .exactOptional()
    .describe(
      'What `expiresAt` was before changes or cancellations ended it early, each until it was decided; for a grant ' +
        'that had closed by then, until the reversal that reopened it.',
    ),
  plannedExpiresAt: storedInstant
    .nullable()
    .exactOptional()
    .describe('In place of `plannedEnds`, in events from before there were any. Means nothing any more.'),
  voidedInHold: z
    .literal(true)
    .exactOptional()
    .describe('Voided while holds had some of it, maybe all: what comes back is voided as well.'),
  grantedAt: storedInstant,
  granted: storedAmount,
  available: storedAmount,
  held: storedAmount,
  consumed: storedAmount,
  expired: storedAmount,
  voided: storedAmount,
  rolledOver: storedAmount,
});
