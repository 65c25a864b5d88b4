import * as z from 'zod';
import { priceRecord } from './grant-schemas.js';
import { planRef, storedAmount, walletFact } from './stored-values.js';

export const balanceEventSchemas = {
  LowBalanceReached: z
    .strictObject({
      type: z.literal('LowBalanceReached'),
      ...walletFact,
      threshold: storedAmount,
      available: storedAmount,
      action: z.enum(['alert', 'restrict']),
    })
    .describe('The balance fell below the low credit limit; recorded once per crossing.'),

  LowBalanceCleared: z
    .strictObject({
      type: z.literal('LowBalanceCleared'),
      ...walletFact,
      threshold: storedAmount,
      available: storedAmount,
    })
    .describe('The balance rose above the low credit limit again.'),

  AutoTopUpConfigured: z
    .strictObject({
      type: z.literal('AutoTopUpConfigured'),
      ...walletFact,
      subscriptionId: z.string(),
      terms: z.strictObject({
        enabled: z.boolean(),
        threshold: storedAmount.describe('Asked for when available falls below this.'),
        target: storedAmount.describe('Filled up to this.'),
        dailyCap: storedAmount.nullable().describe('Most credits per calendar day (UTC). Null: no cap.'),
        monthlyCap: storedAmount.nullable().describe('Most credits per calendar month (UTC). Null: no cap.'),
      }),
    })
    .describe('The terms of automatic top-ups were set.'),

  AutoTopUpRequested: z
    .strictObject({
      type: z.literal('AutoTopUpRequested'),
      ...walletFact,
      requestId: z.string(),
      subscriptionId: z.string(),
      plan: planRef,
      quantity: storedAmount.describe('Credits asked for.'),
      price: priceRecord,
    })
    .describe('Payment of an automatic top-up was asked for.'),

  AutoTopUpFailed: z
    .strictObject({
      type: z.literal('AutoTopUpFailed'),
      ...walletFact,
      requestId: z.string(),
      reason: z.string(),
      consecutiveFailures: z.int(),
    })
    .describe('The payment of an automatic top-up failed.'),

  AutoTopUpStopped: z
    .strictObject({ type: z.literal('AutoTopUpStopped'), ...walletFact, reason: z.string() })
    .describe('Automatic top-ups stopped, and why.'),
};
