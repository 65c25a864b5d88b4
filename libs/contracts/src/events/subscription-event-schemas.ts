import * as z from 'zod';
import { fact, planRef, storedAmount, storedInstant } from './stored-values.js';

const recurring = z
  .array(z.strictObject({ creditSystem: z.string(), kind: z.enum(['allowance', 'pack']) }))
  .describe('What settlement renews.');

const lowCreditLimits = z
  .array(
    z.strictObject({
      creditSystem: z.string(),
      threshold: storedAmount,
      action: z.enum(['alert', 'restrict']),
    }),
  )
  .exactOptional()
  .describe('Where the plan wants the customer warned or held back; left out when nowhere.');

const endedGrants = z
  .array(z.strictObject({ creditSystem: z.string(), grantId: z.string(), expiresAt: storedInstant }))
  .describe(
    'Grants whose validity ends earlier than they said. Grants that had closed are left out: one that a reversal ' +
      'reopens ends early then.',
  );

export const subscriptionEventSchemas = {
  SubscriptionStarted: z
    .strictObject({
      type: z.literal('SubscriptionStarted'),
      ...fact,
      subscriptionId: z.string(),
      plan: planRef,
      startsAt: storedInstant.describe('The anchor of all its periods; may lie in the past or the future.'),
      recurring,
      lowCreditLimits,
    })
    .describe('A customer subscribed to a plan.'),

  SubscriptionChanged: z
    .strictObject({
      type: z.literal('SubscriptionChanged'),
      ...fact,
      subscriptionId: z.string(),
      from: planRef,
      to: planRef,
      effectiveAt: storedInstant.describe('From when `to` applies.'),
      anchor: storedInstant.describe('The anchor of the periods from then on.'),
      recurring,
      lowCreditLimits,
      endedGrants,
    })
    .describe('A subscription moves to another plan or version.'),

  SubscriptionCancelled: z
    .strictObject({
      type: z.literal('SubscriptionCancelled'),
      ...fact,
      subscriptionId: z.string(),
      plan: planRef,
      endsAt: storedInstant.describe('No renewal at or after this instant.'),
      endedGrants,
    })
    .describe('A subscription ends.'),
};
