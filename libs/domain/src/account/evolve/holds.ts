import type { HoldCaptured, HoldPlaced, HoldReleased } from '../events.js';
import type { Hold, Wallet } from '../state.js';
import { debited, givenBack } from './credits.js';
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

function returnedFrom(wallet: Wallet, { returned, occurredAt }: HoldReleased | HoldCaptured): Wallet {
  return withDrawn(wallet, returned, (grant, { amount }) => ({
    ...givenBack(grant, amount, occurredAt),
    held: grant.held.minus(amount),
  }));
}

function withoutHold(wallet: Wallet, holdId: string): Wallet {
  return { ...wallet, holds: wallet.holds.filter((hold) => hold.id !== holdId) };
}
