import { hash } from 'node:crypto';
import { jsonString } from '../json-string.js';
import type { Usage } from './usage.js';
import { USAGE_EVENT_TYPE } from './usage-schema.js';

/**
 * 32 hex digits over what a usage event says, not how it says it: `"3"`, `"3.0"` and `3` are the same quantity,
 * `10:00Z` and `11:00+01:00` the same time, and the order of dimensions does not matter. Stored for ever with
 * every debit: the canonical form never changes.
 */
export function usageFingerprint(usage: Usage): string {
  const { dimensions } = usage;
  const names = Object.keys(dimensions);
  if (names.length > 1) names.sort();
  const pairs = names.map((name) => `[${jsonString(name)},${jsonString(dimensions[name] ?? '')}]`);
  // What JSON.stringify makes of the list of all of these.
  const content =
    `["${USAGE_EVENT_TYPE}",${jsonString(usage.customerId)},${jsonString(usage.feature)},` +
    `"${usage.quantity.toString()}","${usage.time}",[${pairs.join(',')}]]`;
  return hash('sha256', content, 'hex').slice(0, 32);
}
