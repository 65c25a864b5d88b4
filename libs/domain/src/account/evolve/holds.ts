import type { Grant, HoldCaptured, HoldPlaced, HoldReleased } from '../events.js';
import type { Hold, Wallet } from '../state.js';
import { debited, givenBack, isOver } from './credits.js';
import { withDrawn } from './wallets.js';

export function holdPlaced(wallet: Wallet, event: HoldPlaced): Wallet {
  const hold: Hold = {
    id: event.holdId,
    feature: event.feature,
    placedAt: event.occurredAt,
    timesOutAt: event.timesOutAt,
    draws: event.draws,
  };
  const after = withDrawn(wallet, event.draws, (grant, { amount }) => ({
    ...grant,
    available: grant.available.minus(amount),
    held: grant.held.plus(amount),
  }));
  return { ...after, holds: [...after.holds, hold] };
}

export function holdCaptured(wallet: Wallet, event: HoldCaptured): Wallet {
  // Credits come back before more are consumed, so that a grant is never closed in between.
  const returned = returnedFrom(wallet, event);
  const consumed = withDrawn(returned, event.draws, (grant, { amount }) => ({
    ...grant,
    held: grant.held.minus(amount),
    consumed: grant.consumed.plus(amount),
  }));
  return withoutHold(debited(consumed, event.beyond), event.holdId);
}

export function holdReleased(wallet: Wallet, event: HoldReleased): Wallet {
  return withoutHold(returnedFrom(wallet, event), event.holdId);
}

function returnedFrom(wallet: Wallet, event: HoldReleased | HoldCaptured): Wallet {
  return withDrawn(wallet, event.returned, (grant, { amount }) => ({
    ...givenBack(grant, amount, comesTooLate(grant, event)),
    held: grant.held.minus(amount),
  }));
}

/** A hold that times out at the very end of a period does so before what is left rolls over (see settlement/due.ts). */
function comesTooLate(grant: Grant, event: HoldReleased | HoldCaptured): boolean {
  const timedOut = event.type === 'HoldReleased' && event.reason === 'timedOut';
  return isOver(grant, event.occurredAt) && !(timedOut && grant.expiresAt === event.occurredAt);
}

function withoutHold(wallet: Wallet, holdId: string): Wallet {
  return { ...wallet, holds: wallet.holds.filter((hold) => hold.id !== holdId) };
}
