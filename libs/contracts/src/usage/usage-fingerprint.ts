import { hash } from 'node:crypto';
import { JsonBytes } from '../json-bytes.js';
import type { Usage } from './usage.js';
import { USAGE_EVENT_TYPE } from './usage-schema.js';
import { COMMA, OPEN_LIST, CLOSE_LIST } from '../json-marks.js';

/**
 * 32 hex digits over what a usage event says, not how it says it: `"3"`, `"3.0"` and `3` are the same quantity,
 * `10:00Z` and `11:00+01:00` the same time, and the order of dimensions does not matter. Stored for ever with
 * every debit: the canonical form never changes.
 */
export function usageFingerprint(usage: Usage): string {
  const { dimensions } = usage;
  const names = Object.keys(dimensions);
  if (names.length > 1) names.sort();
  // What JSON.stringify makes of the list of all of these, dimensions as a list of pairs.
  content.restart();
  content.raw(BEGINNING);
  content.text(usage.customerId);
  content.ascii(COMMA);
  content.text(usage.feature);
  content.ascii(COMMA);
  content.text(usage.quantity.toString());
  content.ascii(COMMA);
  content.text(usage.time);
  content.ascii(COMMA);
  content.ascii(OPEN_LIST);
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    if (index > 0) content.ascii(COMMA);
    content.ascii(OPEN_LIST);
    content.text(name);
    content.ascii(COMMA);
    content.text(dimensions[name] ?? '');
    content.ascii(CLOSE_LIST);
  }
  content.ascii(CLOSE_LIST);
  content.ascii(CLOSE_LIST);
  digits.write(hash('sha256', content.view(), 'hex'), 'latin1');
  return digits.toString('latin1');
}

const FINGERPRINT_DIGITS = 32;

/** Half of a hash. A slice of the text would keep all of it alive, for as long as the id is remembered. */
const digits = Buffer.allocUnsafeSlow(FINGERPRINT_DIGITS);

const BEGINNING = Buffer.from(`["${USAGE_EVENT_TYPE}",`);

const content = new JsonBytes();
