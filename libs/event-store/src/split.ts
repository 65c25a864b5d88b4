import { APPEND_LIMIT_BYTES, appendBytes } from './append-size.js';
import type { NewEvent } from './port.js';

/** Kept free of the limit: a server may count a few bytes per event that we do not know of. */
const SAFETY_MARGIN_BYTES = 32 * 1024;

/** Most bytes of a unit, unless a caller wants fewer. */
export const UNIT_LIMIT_BYTES = APPEND_LIMIT_BYTES - SAFETY_MARGIN_BYTES;

/** A unit that must be appended as one is larger than one append may be: there is no way to store it atomically. */
export class UnitTooLarge extends Error {
  override readonly name = 'UnitTooLarge';
  constructor(
    /** Which of the units, counted from 0. */
    readonly index: number,
    readonly bytes: number,
    readonly limitBytes: number,
  ) {
    super(`unit ${index} has ${bytes} bytes, but one append takes at most ${limitBytes} bytes`);
  }
}

/**
 * Packs units, in order, into as few appends as their order allows, each at most `limitBytes` large
 * (data + metadata + twice the type's length per event). A unit's events always stay in one append.
 *
 * @throws UnitTooLarge when one unit alone is over the limit
 */
export function splitBySize(
  units: readonly (readonly NewEvent[])[],
  limitBytes: number = UNIT_LIMIT_BYTES,
): NewEvent[][] {
  const appends: NewEvent[][] = [];
  let current: NewEvent[] = [];
  let currentBytes = 0;
  units.forEach((unit, index) => {
    const bytes = appendBytes(unit);
    if (bytes > limitBytes) throw new UnitTooLarge(index, bytes, limitBytes);
    if (currentBytes + bytes > limitBytes) {
      appends.push(current);
      current = [];
      currentBytes = 0;
    }
    current.push(...unit);
    currentBytes += bytes;
  });
  if (current.length > 0) appends.push(current);
  return appends;
}
