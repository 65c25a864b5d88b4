import { isLongerThan } from '#domain';
import * as z from 'zod';
import { CONTROLS, FORMATS, LINE_SEPARATORS, noneOf, SEPARATORS } from './portable-pattern.js';

/** Longest customer id, in characters: stream names stay short and fit every store's index. */
export const MAX_CUSTOMER_ID_LENGTH = 200;

/**
 * Printable characters only, and no space at either end: two ids that look alike in a table are the same id.
 * Everything else is the sender's choice ("-" and non-ASCII included), as the stream's category ends at the
 * first "-" of `account-`.
 */
const CUSTOMER_ID =
  /^[^\p{Cc}\p{Cf}\p{Cs}\p{Z}](?:[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*[^\p{Cc}\p{Cf}\p{Cs}\p{Z}])?$/u;

export const customerIdSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_CUSTOMER_ID_LENGTH, `must be at most ${MAX_CUSTOMER_ID_LENGTH} characters`)
  .regex(CUSTOMER_ID, 'must be printable characters without a space at either end')
  .meta({ pattern: publishedPattern() });

/** The same rule for whoever checks with the JSON Schema. */
function publishedPattern(): string {
  const end = noneOf(CONTROLS, FORMATS, SEPARATORS);
  return `^${end}(?:${noneOf(CONTROLS, FORMATS, LINE_SEPARATORS)}*${end})?$`;
}

/** Whether the text can be a customer id. */
export function isCustomerId(text: string): boolean {
  return !isLongerThan(text, MAX_CUSTOMER_ID_LENGTH) && CUSTOMER_ID.test(text);
}

/** Every account's stream begins with this; the category in the event store's words is `account`. */
export const ACCOUNT_STREAM_PREFIX = 'account-';

/** The catalog's one stream. */
export const CATALOG_STREAM = 'catalog';

/**
 * Name of the stream that holds one customer's account.
 * @throws RangeError for what is no customer id
 */
export function accountStream(customerId: string): string {
  if (!isCustomerId(customerId))
    throw new RangeError(`not a customer id: ${JSON.stringify(customerId.slice(0, 64))}`);
  return ACCOUNT_STREAM_PREFIX + customerId;
}

/** The customer whose account a stream holds; undefined for any other stream. */
export function customerOfStream(stream: string): string | undefined {
  return stream.startsWith(ACCOUNT_STREAM_PREFIX) ? stream.slice(ACCOUNT_STREAM_PREFIX.length) : undefined;
}
