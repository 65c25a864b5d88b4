import * as z from 'zod';
import { draws, storedAmount, storedInstant, walletFact } from './stored-values.js';

const hold = { ...walletFact, holdId: z.string() };
const feature = z.string().nullable();

export const holdEventSchemas = {
  HoldPlaced: z
    .strictObject({
      type: z.literal('HoldPlaced'),
      ...hold,
      feature,
      amount: storedAmount,
      draws,
      timesOutAt: storedInstant.describe('When settlement releases it by itself.'),
    })
    .describe('Credits were set aside.'),

  HoldCaptured: z
    .strictObject({
      type: z.literal('HoldCaptured'),
      ...hold,
      feature,
      amount: storedAmount.describe('Credits consumed: Σ draws + Σ beyond.'),
      draws: draws.describe('Consumed out of what was held.'),
      beyond: draws.describe('Consumed beyond the hold, where the balance allowed.'),
      returned: draws.describe('Given back to its grants.'),
    })
    .describe('A hold was closed by consuming credits.'),

  HoldReleased: z
    .strictObject({
      type: z.literal('HoldReleased'),
      ...hold,
      feature: z
        .string()
        .exactOptional()
        .describe('Left out where credits were held, and in events of before it was written.'),
      reason: z.enum(['released', 'timedOut']),
      returned: draws,
    })
    .describe('A hold was closed without consuming anything.'),
};
