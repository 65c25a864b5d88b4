import type { Amount, AmountOverflow } from '../amount/index.js';
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

/** Amounts that are each within the limits can be too large together: the command's fault, not a defect. */
export function tooMuch({ quantity, amount }: Asked, { message }: AmountOverflow): Rejection {
  if (quantity === undefined && amount === undefined) return rejection('COMMAND_MALFORMED', message);
  const path = quantity === undefined ? 'amount' : 'quantity';
  return malformed('too much at once', [{ path, message }]);
}

/** How much a command asks for, if it does. */
interface Asked {
  readonly type?: string;
  readonly quantity?: Amount | undefined;
  readonly amount?: Amount | undefined;
}

export function mustBePositive(path: string, amount: Amount): readonly Fault[] {
  return amount.isPositive ? [] : [{ path, message: `must be positive: ${amount.toString()}` }];
}
