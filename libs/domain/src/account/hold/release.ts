import { isRejection, type Rejection } from '../../rejection.js';
import type { ReleaseHold } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { Cause, HoldReleased } from '../events.js';
import { fact } from '../fact.js';
import type { Instant } from '../../time/index.js';
import { plusDraws, totalOf, withoutHeld } from '../wallet/balance.js';
import { openHold, type OpenHold } from './open-hold.js';

/** Returns what a hold has set aside to its grants. */
export function releaseHold(command: ReleaseHold, deciding: Deciding): readonly HoldReleased[] | Rejection {
  const { now, cause } = deciding;
  const found = openHold(command.holdId, deciding);
  return isRejection(found) ? found : [released(found, 'released', cause, now, now)];
}

export function released(
  { wallet, hold }: OpenHold,
  reason: HoldReleased['reason'],
  cause: Cause,
  occurredAt: Instant,
  now: Instant,
): HoldReleased {
  return {
    type: 'HoldReleased',
    ...fact(cause, occurredAt, now),
    creditSystem: wallet.creditSystem,
    balance: withoutHeld(plusDraws(wallet.balance, hold.draws), totalOf(hold.draws)),
    holdId: hold.id,
    ...(hold.feature === null ? {} : { feature: hold.feature }),
    reason,
    returned: hold.draws,
  };
}
