import { APPEND_LIMIT_BYTES, appendBytes } from './append-size.js';
import type { NewEvent } from './port.js';

/** Kept free of the limit: a server may count a few bytes per event that we do not know of. */
const SAFETY_MARGIN_BYTES = 32 * 1024;

/** Most bytes of a unit, unless a caller wants fewer. */
export const UNIT_LIMIT_BYTES = APPEND_LIMIT_BYTES - SAFETY_MARGIN_BYTES;

/**
 * Packs units, in order, into as few appends as their order allows, each at most `limitBytes` large
 * (data + metadata + twice the type's length per event). A unit's events always stay in one append: one that is over
 * the limit is an append by itself, and the store has the last word on it.
 */
export function splitBySize(
  units: readonly (readonly NewEvent[])[],
  limitBytes: number = UNIT_LIMIT_BYTES,
): NewEvent[][] {
  const appends: NewEvent[][] = [];
  let current: NewEvent[] = [];
  let currentBytes = 0;
  for (const unit of units) {
    const bytes = appendBytes(unit);
    if (current.length > 0 && currentBytes + bytes > limitBytes) {
      appends.push(current);
      current = [];
      currentBytes = 0;
    }
    current.push(...unit);
    currentBytes += bytes;
  }
  if (current.length > 0) appends.push(current);
  return appends;
}
