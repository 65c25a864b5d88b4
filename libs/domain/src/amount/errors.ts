import { characterCount } from '../characters.js';

/** A text that is not a plain decimal within the limits: 18 digits before the point and 12 after. */
export class InvalidAmount extends Error {
  override readonly name = 'InvalidAmount';
  constructor(readonly value: string) {
    super(
      `not an amount (a plain decimal, at most 18 digits before the point and 12 after): ${quote(value)}`,
    );
  }
}

/** A result that would need more than 18 digits before the point. */
export class AmountOverflow extends Error {
  override readonly name = 'AmountOverflow';
  constructor(readonly value: string) {
    super(`amount exceeds 18 digits before the point: ${value}`);
  }
}

/** A hostile value may be megabytes long; an error message must not be. */
function quote(value: string): string {
  if (value.length <= 64) return JSON.stringify(value);
  return JSON.stringify(`${value.slice(0, 64)}… (${characterCount(value)} characters)`);
}
