import { Amount, instant, isInstant, type Instant } from '#domain';
import * as z from 'zod';
import { customerIdSchema } from '../customer-id.js';
import {
  MAX_DIMENSION_NAME_LENGTH,
  MAX_DIMENSION_VALUE_LENGTH,
  MAX_DIMENSIONS,
  MAX_FEATURE_LENGTH,
  MAX_ID_LENGTH,
  plainText,
  plainValue,
} from '../text.js';

export const USAGE_EVENT_TYPE = 'usage.recorded';

/** Integers up to here are the same as a double and as written. */
export const MAX_NUMERIC_QUANTITY = 2 ** 53;

const QUANTITY = 'must be a plain decimal, at most 18 digits before the point and 12 after';

const quantityText = z
  .string()
  .max(32, QUANTITY)
  .regex(/^-?\d{1,18}(?:\.\d{1,12})?$/, QUANTITY)
  // A negative one is refused as well, with a reason of its own.
  .meta({ pattern: '^[0-9]{1,18}(?:[.][0-9]{1,12})?$' });

const quantityNumber = z
  .number()
  .refine(Number.isInteger, 'a JSON number must be an integer; send a decimal string')
  .refine(
    (value) => Math.abs(value) <= MAX_NUMERIC_QUANTITY,
    'a JSON number must not exceed 2^53; send a decimal string',
  )
  .meta({ type: 'integer', minimum: 0, maximum: MAX_NUMERIC_QUANTITY });

const quantity = z
  .union([quantityText, quantityNumber], 'must be a decimal string or an integer')
  .transform((value, context): Amount => {
    const amount = Amount.parse(typeof value === 'string' ? value : BigInt(value).toString());
    if (amount.isNegative) {
      context.issues.push({
        code: 'custom',
        message: 'must not be negative',
        params: { negative: true },
        input: value,
      });
    }
    return amount;
  })
  .describe('Units of the feature, not negative: a decimal string, or a JSON integer up to 2^53.');

const time = z
  .string()
  .max(64, 'must be an RFC 3339 date-time')
  .transform((text, context): Instant => {
    // The commonest spelling, without fraction digits, needs no regular expression.
    const padded = `${text.slice(0, 19)}.000Z`;
    if (text.length === 20 && text.endsWith('Z') && isInstant(padded)) return padded;
    try {
      return instant(text);
    } catch {
      context.issues.push({ code: 'custom', message: 'must be an RFC 3339 date-time', input: text });
      return z.NEVER;
    }
  })
  .meta({ format: 'date-time' })
  .describe('When the usage happened (RFC 3339). What is finer than a millisecond is cut off.');

const dimensions = z
  .record(plainText(MAX_DIMENSION_NAME_LENGTH), plainValue(MAX_DIMENSION_VALUE_LENGTH))
  .refine((value) => Object.keys(value).length <= MAX_DIMENSIONS, `must be at most ${MAX_DIMENSIONS} entries`)
  .meta({ maxProperties: MAX_DIMENSIONS })
  .describe('What else is worth knowing about the usage; kept and shown, never priced.');

/**
 * The event's own part. Unknown members are refused: in an event that costs money, a member nobody reads is
 * more likely a misspelt one than a welcome one.
 */
export const usageDataSchema = z
  .strictObject({
    feature: plainText(MAX_FEATURE_LENGTH).describe('What was used, by the name the plans give it.'),
    quantity,
    dimensions: dimensions.optional(),
  })
  .describe('What was used, and how much of it.');

/** A CloudEvents 1.0 envelope in structured JSON mode. Unknown extension attributes are allowed and ignored. */
export const usageEventSchema = z
  .object({
    specversion: z.literal('1.0', 'must be "1.0"').describe('Version of CloudEvents.'),
    id: plainText(MAX_ID_LENGTH).describe(
      'Chosen by the producer; with `source` it identifies the event within the customer, for ever.',
    ),
    source: plainText(MAX_ID_LENGTH).describe('Who reports the usage.'),
    type: z.literal(USAGE_EVENT_TYPE, `must be "${USAGE_EVENT_TYPE}"`),
    subject: customerIdSchema.describe(
      'Customer id, without a space at either end. Equals the key of the Kafka message.',
    ),
    time,
    datacontenttype: z
      .string()
      .regex(/^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset=utf-8\s*)?$/i, 'must be JSON')
      // As it is usually written; capitals are taken as well.
      .meta({ pattern: '^application/(?:[A-Za-z0-9_.+-]+[+])?json *(?:; *charset=utf-8 *)?$' })
      .optional()
      .describe('Media type of `data`: JSON.'),
    data_base64: z.never('must not be given: data is JSON, not bytes').optional(),
    data: usageDataSchema,
  })
  .meta({
    title: 'UsageRecorded',
    description: 'One metered usage event of a customer, as a CloudEvents 1.0 event in structured JSON mode.',
  });
