import { Amount, isInstant, type Instant } from '#domain';
import * as z from 'zod';

/** An amount as it is stored: its one canonical decimal text. */
export const storedAmount = z
  .string()
  .transform((text, context): Amount => {
    try {
      return Amount.parse(text);
    } catch {
      context.issues.push({ code: 'custom', message: 'must be a decimal amount', input: text });
      return z.NEVER;
    }
  })
  .meta({
    pattern: '^-?(?:0|[1-9][0-9]{0,17})(?:\\.[0-9]{0,11}[1-9])?$',
    description:
      'Decimal string: at most 18 digits before the point and 12 after, no exponent, no trailing zeros.',
  });

/** An instant as it is stored: `2026-11-22T10:00:00.000Z`. */
export const storedInstant = z
  .string()
  .transform((text, context): Instant => {
    if (isInstant(text)) return text;
    context.issues.push({ code: 'custom', message: 'must be an instant in canonical form', input: text });
    return z.NEVER;
  })
  .meta({
    format: 'date-time',
    pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$',
    description: 'RFC 3339, always UTC and always with milliseconds.',
  });

export const creditSource = z
  .enum(['included', 'purchased', 'promotional'])
  .describe('Where credits came from.');

export const planRef = z
  .strictObject({ id: z.string(), version: z.int() })
  .describe("A plan's published version.");

const usageCause = z
  .strictObject({
    kind: z.literal('usage'),
    source: z.string(),
    id: z.string(),
    fingerprint: z.string(),
  })
  .describe('A usage event, identified by source and id.');

export const commandCause = z
  .strictObject({
    kind: z.literal('command'),
    key: z.string(),
    fingerprint: z.string(),
    actor: z.string().exactOptional(),
  })
  .describe('A command, identified by the key its sender chose.');

const settlementCause = z.strictObject({ kind: z.literal('settlement') }).describe('Time alone.');

/** What every event says. */
export const fact = {
  cause: z
    .discriminatedUnion('kind', [usageCause, commandCause, settlementCause])
    .describe('Who or what caused it. `fingerprint` is a hash of the content that came with the id.'),
  occurredAt: storedInstant.describe('When it happened. UTC with milliseconds.'),
  recordedAt: storedInstant.describe('When it was decided. UTC with milliseconds.'),
};

/** What every event of a wallet says. */
export const walletFact = {
  ...fact,
  creditSystem: z.string().describe('Key of the credit system: which wallet of the account.'),
  balance: z
    .strictObject({
      included: storedAmount,
      purchased: storedAmount,
      promotional: storedAmount,
      held: storedAmount,
    })
    .describe("The wallet's credits after the event, by source; held credits stand apart."),
  unusable: z
    .strictObject({ included: storedAmount, purchased: storedAmount, promotional: storedAmount })
    .exactOptional()
    .describe(
      'What of the balance could not be used at `recordedAt`: credits of grants that have ended, whose expiry waits for late usage, of grants that have yet to take effect, and what came back to a voided grant and is voided next. Left out where that is nothing.',
    ),
};

export const draw = {
  grantId: z.string(),
  source: creditSource,
  amount: storedAmount,
};

export const draws = z.array(z.strictObject(draw));

export const features = z.array(z.string()).nullable();
