import { characterCount } from '#domain';
import * as z from 'zod';
import { CONTROLS, noneOf } from './portable-pattern.js';

/**
 * Texts chosen by senders. Control characters are refused (PostgreSQL cannot store U+0000, and the rest only
 * serve to forge log lines), and so are lone surrogates: they have no UTF-8, so two different ids would
 * become the same bytes in the store.
 */
const PLAIN = /^[^\p{Cc}\p{Cs}]*$/u;

/** Whether a text has no control character and no lone surrogate. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** An id or name a sender chose, 1 to `max` characters of it. */
export function plainText(max: number) {
  return plain(z.string().min(1, 'must not be empty'), max);
}

/** A text that may be empty. */
export function plainValue(max: number) {
  return plain(z.string(), max);
}

function plain(text: z.ZodString, max: number) {
  return text
    .max(max, `must be at most ${max} characters`)
    .regex(PLAIN, 'must not contain control characters or lone surrogates')
    .meta({ pattern: `^${noneOf(CONTROLS)}*$` });
}

/** Longest id of a sender (`source`, `id`, idempotency keys): two of them still fit one PostgreSQL index row. */
export const MAX_ID_LENGTH = 256;

/** Longest feature key, dimension name and dimension value. */
export const MAX_FEATURE_LENGTH = 256;
export const MAX_DIMENSION_NAME_LENGTH = 128;
export const MAX_DIMENSION_VALUE_LENGTH = 512;
/** Most dimensions of one usage event. */
export const MAX_DIMENSIONS = 32;

/** Quotes a foreign value for an error message: one line, at most about 80 characters, always valid UTF-8. */
export function quoteValue(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function')
    return typeof value;
  if (value === undefined) return 'nothing';
  if (typeof value === 'string' && value.length > 64) {
    return `${JSON.stringify(value.slice(0, 64))}… (${characterCount(value)} characters)`;
  }
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return JSON.stringify(value);
}
