import type { Amount } from '../amount/index.js';
import { rejection, rejectionForFaults, type Fault, type Rejection } from '../rejection.js';

/** Refusals that several commands share. */

export function customerUnknown(): Rejection {
  return rejection('CUSTOMER_UNKNOWN', 'no subscription was ever started and no credits were ever granted');
}

export function insufficientCredits(creditSystem: string, available: Amount, required: Amount): Rejection {
  const numbers = { available: available.toString(), required: required.toString() };
  return rejection(
    'INSUFFICIENT_CREDITS',
    `${numbers.required} ${creditSystem} are required and ${numbers.available} available`,
    { numbers },
  );
}

export function malformed(what: string, faults: readonly Fault[]): Rejection {
  return rejectionForFaults('COMMAND_MALFORMED', what, faults);
}

export function mustBePositive(path: string, amount: Amount): readonly Fault[] {
  return amount.isPositive ? [] : [{ path, message: `must be positive: ${amount.toString()}` }];
}
