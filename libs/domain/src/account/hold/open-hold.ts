import { rejection, type Rejection } from '../../rejection.js';
import type { Deciding } from '../deciding.js';
import { MissingHistory } from '../missing-history.js';
import { customerUnknown } from '../refusals.js';
import type { AccountState, Hold, Wallet } from '../state.js';

export interface OpenHold {
  readonly wallet: Wallet;
  readonly hold: Hold;
}

export function findHold({ wallets }: AccountState, holdId: string): OpenHold | undefined {
  for (const wallet of Object.values(wallets)) {
    const hold = wallet.holds.find(({ id }) => id === holdId);
    if (hold !== undefined) return { wallet, hold };
  }
  return undefined;
}

/** The hold, if it is open; one that was captured, released or has timed out is closed. */
export function openHold(holdId: string, { state, before, context }: Deciding): OpenHold | Rejection {
  if (!state.exists) return customerUnknown();
  const found = findHold(state, holdId);
  if (found !== undefined) return found;
  const closed = context.history?.holdClosed;
  // Open until now: the settlement of this very decision has timed it out.
  if (closed === true || findHold(before, holdId) !== undefined)
    return rejection('HOLD_CLOSED', `hold ${holdId} was captured or released, or has timed out`);
  if (closed === undefined) throw new MissingHistory(`hold ${holdId}`);
  return rejection('HOLD_UNKNOWN', `the customer has no hold ${holdId}`);
}
