import * as z from 'zod';
import { priceRecord } from '../events/grant-schemas.js';
import { planRef } from '../events/stored-values.js';

/** Version of the shape of alerts; a change that a reader could stumble over is a new one. */
export const ALERT_SCHEMA_VERSION = 1;

const amount = z
  .string()
  .regex(/^-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{0,11}[1-9])?$/)
  .describe('Decimal string: at most 18 digits before the point and 12 after.');

const instant = z.iso
  .datetime({ precision: 3 })
  .describe('RFC 3339, always UTC and always with milliseconds.');

/** What every alert says. */
const about = {
  alertId: z
    .uuid()
    .describe('Id of the ledger event that the alert tells of. The same id again is the same alert again.'),
  customerId: z.string(),
  creditSystem: z.string().describe('Key of the credit system: which wallet of the customer.'),
  revision: z.int().describe("Place of the event in the customer's stream: what is not greater is older."),
  occurredAt: instant.describe('When it happened. UTC with milliseconds.'),
  recordedAt: instant.describe('When it was decided. UTC with milliseconds.'),
};

const schemaVersion = z.literal(ALERT_SCHEMA_VERSION).describe('Version of this shape.');

/** Something somebody may want to act on, by kind: what stands in the topic `ledger-alerts`. */
export const alertSchemas = {
  lowBalanceReached: z
    .strictObject({
      kind: z.literal('lowBalanceReached'),
      ...about,
      threshold: amount,
      available: amount,
      action: z
        .enum(['alert', 'restrict'])
        .describe('`restrict`: synchronous use is refused until the balance has risen again.'),
      schemaVersion,
    })
    .describe('The balance fell below the low credit limit; told once per crossing.'),

  lowBalanceCleared: z
    .strictObject({
      kind: z.literal('lowBalanceCleared'),
      ...about,
      threshold: amount,
      available: amount,
      schemaVersion,
    })
    .describe('The balance rose above the low credit limit again.'),

  usageUncovered: z
    .strictObject({
      kind: z.literal('usageUncovered'),
      ...about,
      usage: z
        .strictObject({ source: z.string(), id: z.string(), feature: z.string(), quantity: amount })
        .describe('The usage event that was not paid in full.'),
      credits: amount.describe('What the usage cost altogether.'),
      uncovered: amount.describe('The part that no grant could pay.'),
      disposition: z
        .enum(['blocked', 'billable'])
        .describe('`billable`: to be paid afterwards, as the plan says; `blocked`: the plan says otherwise.'),
      schemaVersion,
    })
    .describe('Usage, or a part of it, that no credits could pay.'),

  topUpRequested: z
    .strictObject({
      kind: z.literal('topUpRequested'),
      ...about,
      requestId: z
        .string()
        .describe('Unique within the customer. Tell the outcome of the payment by it: ReportTopUpPayment.'),
      subscriptionId: z.string(),
      plan: planRef,
      quantity: amount.describe('Credits asked for.'),
      price: priceRecord.describe('What is to be paid, as it was rated. Decimal strings.'),
      schemaVersion,
    })
    .describe('Request for payment: an automatic top-up waits for it. Pay once per customer and request id.'),

  topUpFailed: z
    .strictObject({
      kind: z.literal('topUpFailed'),
      ...about,
      requestId: z.string(),
      reason: z.string(),
      consecutiveFailures: z.int(),
      schemaVersion,
    })
    .describe('The payment of an automatic top-up failed.'),

  topUpStopped: z
    .strictObject({
      kind: z.literal('topUpStopped'),
      ...about,
      reason: z.string(),
      schemaVersion,
    })
    .describe(
      'Automatic top-ups of the wallet stopped, and why; they begin again when they are configured anew.',
    ),
};

export type AlertKind = keyof typeof alertSchemas;

/** One message of `ledger-alerts`. */
export type Alert = { [K in AlertKind]: z.output<(typeof alertSchemas)[K]> }[AlertKind];
