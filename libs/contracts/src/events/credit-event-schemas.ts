import * as z from 'zod';
import { grant, grantTerms } from './grant-schemas.js';
import {
  creditSource,
  draw,
  draws,
  planRef,
  storedAmount,
  storedInstant,
  walletFact,
} from './stored-values.js';

const usage = z
  .strictObject({
    feature: z.string(),
    quantity: storedAmount.describe('Units of the feature.'),
    dimensions: z.record(z.string(), z.string()),
    mode: z.enum(['metered', 'synchronous']),
    subscriptionId: z.string(),
    plan: planRef,
    creditCost: storedAmount.describe('Credits per unit.'),
    amount: storedAmount.describe("quantity × creditCost, rounded once to the credit system's scale."),
    placedAt: storedInstant.describe('The instant at which it burned.'),
  })
  .describe('What the usage event cost and by which terms.');

const disposition = z.enum(['blocked', 'billable']);

export const creditEventSchemas = {
  CreditsGranted: z
    .strictObject({ type: z.literal('CreditsGranted'), ...walletFact, ...grantTerms, amount: storedAmount })
    .describe('Credits were put into a wallet.'),

  CreditsDebited: z
    .strictObject({
      type: z.literal('CreditsDebited'),
      ...walletFact,
      usage,
      draws: draws.describe('What was taken from which grant. Σ draws + uncovered = usage.amount.'),
      uncovered: storedAmount.describe('The part that no grant could pay.'),
    })
    .describe('Credits were consumed by one usage event.'),

  UsageUncovered: z
    .strictObject({
      type: z.literal('UsageUncovered'),
      ...walletFact,
      usage,
      uncovered: storedAmount,
      disposition,
    })
    .describe('A part of a usage event, or all of it, that no grant could pay.'),

  CreditsExpired: z
    .strictObject({
      type: z.literal('CreditsExpired'),
      ...walletFact,
      grantId: z.string(),
      source: creditSource,
      amount: storedAmount,
    })
    .describe('What was left of a grant expired.'),

  CreditsRolledOver: z
    .strictObject({
      type: z.literal('CreditsRolledOver'),
      ...walletFact,
      fromGrantId: z.string(),
      amount: storedAmount,
      into: z.strictObject(grantTerms).describe('The grant that the credits moved into.'),
    })
    .describe('What was left at the end of a period moved on, up to the cap.'),

  CreditsVoided: z
    .strictObject({
      type: z.literal('CreditsVoided'),
      ...walletFact,
      grantId: z.string(),
      source: creditSource,
      amount: storedAmount,
      consumed: storedAmount.describe('What had been consumed already and stays consumed.'),
      held: storedAmount
        .exactOptional()
        .describe(
          'What holds have set aside: it is voided if it comes back. Left out where that is nothing.',
        ),
      reason: z.string(),
    })
    .describe('What was left of a grant was taken back.'),

  DebitReversed: z
    .strictObject({
      type: z.literal('DebitReversed'),
      ...walletFact,
      usage: z
        .strictObject({ source: z.string(), id: z.string() })
        .describe('The usage event whose debit is undone.'),
      feature: z
        .string()
        .exactOptional()
        .describe('What had been used. Left out in events of before it was written.'),
      reason: z.string(),
      amount: storedAmount,
      restored: z
        .array(
          z.strictObject({
            ...draw,
            reopened: grant
              .exactOptional()
              .describe(
                'The grant as it stood before the reversal, where it had closed and left the account: it comes back ' +
                  'with this. Left out where the account still had it.',
              ),
          }),
        )
        .describe('What was given back to which grant, last drawn first.'),
      uncovered: storedAmount.describe('The part of the uncovered usage that is written off.'),
      disposition: disposition.exactOptional(),
    })
    .describe('A debit was undone, in whole or in part.'),
};
