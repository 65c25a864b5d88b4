import { Amount, isInstant, isLongerThan, type Instant } from '#domain';
import { isCustomerId } from '../customer-id.js';
import {
  isPlain,
  MAX_DIMENSION_NAME_LENGTH,
  MAX_DIMENSION_VALUE_LENGTH,
  MAX_DIMENSIONS,
  MAX_FEATURE_LENGTH,
  MAX_ID_LENGTH,
} from '../text.js';
import { USAGE_EVENT_TYPE } from './usage-schema.js';
import type { Usage } from './usage.js';

type Members = Readonly<Record<string, unknown>>;

/**
 * What `usageEventSchema` makes of an envelope as producers usually write it, or undefined: then the schema is to be
 * asked, which takes rarer spellings as well and says what is wrong with the rest. Says yes to nothing that the
 * schema refuses, and gives what the schema gives.
 */
export function readPlainUsage(event: unknown): Usage | undefined {
  if (!isMembers(event)) return undefined;
  const { specversion, type, id, source, subject, time, datacontenttype, data_base64, data } = event;
  if (specversion !== '1.0' || type !== USAGE_EVENT_TYPE) return undefined;
  if (datacontenttype !== undefined && datacontenttype !== PLAIN_DATA_TYPE) return undefined;
  if (data_base64 !== undefined) return undefined;
  const at = plainTime(time);
  if (at === undefined || !isMembers(data)) return undefined;
  for (const name in data) if (!DATA_MEMBERS.has(name)) return undefined;
  const { feature, quantity, dimensions = {} } = data;
  return plainUsage({ customerId: subject, source, id, feature, quantity, dimensions }, at);
}

/** A usage event without its envelope, in the types that its sender chose. */
export type UsageFields = Readonly<Record<Exclude<keyof Usage, 'time'>, unknown>>;

/** The part of `readPlainUsage` that is the same for whatever the event came in, be it a gRPC request. */
export function plainUsage(fields: UsageFields, time: Instant): Usage | undefined {
  const { customerId, source, id, feature, dimensions } = fields;
  if (!isName(id, MAX_ID_LENGTH) || !isName(source, MAX_ID_LENGTH)) return undefined;
  if (typeof customerId !== 'string' || !isCustomerId(customerId)) return undefined;
  if (!isName(feature, MAX_FEATURE_LENGTH) || !areDimensions(dimensions)) return undefined;
  const quantity = readQuantity(fields.quantity);
  return quantity && { customerId, source, id, feature, quantity, time, dimensions };
}

const DATA_MEMBERS: ReadonlySet<string> = new Set(['feature', 'quantity', 'dimensions']);

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown, max: number): value is string {
  return typeof value === 'string' && value !== '' && !isLongerThan(value, max) && isPlain(value);
}

/** What tools say of `data`, where they say anything. */
export const PLAIN_DATA_TYPE = 'application/json';

/** An instant in canonical form, or without a fraction. */
export function plainTime(value: unknown): Instant | undefined {
  if (typeof value !== 'string') return undefined;
  if (isInstant(value)) return value;
  const padded = `${value.slice(0, 19)}.000Z`;
  return value.length === 20 && value.endsWith('Z') && isInstant(padded) ? padded : undefined;
}

function readQuantity(value: unknown): Amount | undefined {
  const amount = typeof value === 'string' ? Amount.tryParse(value) : undefined;
  return amount === undefined || amount.isNegative ? undefined : amount;
}

function areDimensions(value: unknown): value is Readonly<Record<string, string>> {
  // An object of another class, or one that says so of itself, is the schema's to judge.
  if (!isMembers(value) || value.constructor !== Object) return false;
  let count = 0;
  for (const name in value) {
    const text = value[name];
    if (!isName(name, MAX_DIMENSION_NAME_LENGTH) || name === '__proto__') return false;
    if (typeof text !== 'string' || isLongerThan(text, MAX_DIMENSION_VALUE_LENGTH)) return false;
    if (!isPlain(text)) return false;
    count += 1;
  }
  return count <= MAX_DIMENSIONS;
}
