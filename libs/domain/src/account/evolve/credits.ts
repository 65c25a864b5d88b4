import { Amount } from '../../amount/index.js';
import type { Instant } from '../../time/index.js';
import type {
  CreditsExpired,
  CreditsGranted,
  CreditsRolledOver,
  CreditsVoided,
  DebitReversed,
  Draw,
  Grant,
  GrantTerms,
} from '../events.js';
import type { Wallet } from '../state.js';
import { withConsumed } from '../wallet/wallet.js';
import { topUpSucceeded } from './auto-top-ups.js';
import { withDrawn, withGrant, withNewGrant } from './wallets.js';

export function granted(wallet: Wallet, event: CreditsGranted): Wallet {
  const after = withNewGrant(wallet, newGrant(event, event.amount, event.occurredAt));
  return event.origin.kind === 'topUp' && event.origin.automatic ? topUpSucceeded(after) : after;
}

export function debited(wallet: Wallet, draws: readonly Draw[]): Wallet {
  return withDrawn(wallet, draws, (grant, { amount }) => withConsumed(grant, amount));
}

export function expired(wallet: Wallet, event: CreditsExpired): Wallet {
  return withGrant(wallet, event.grantId, (grant) => ({
    ...grant,
    available: grant.available.minus(event.amount),
    expired: grant.expired.plus(event.amount),
  }));
}

export function voided(wallet: Wallet, event: CreditsVoided): Wallet {
  return withGrant(wallet, event.grantId, (grant) => ({
    ...grant,
    available: grant.available.minus(event.amount),
    voided: grant.voided.plus(event.amount),
    ...(event.held && { voidedInHold: true }),
  }));
}

export function rolledOver(wallet: Wallet, event: CreditsRolledOver): Wallet {
  const after = withGrant(wallet, event.fromGrantId, (grant) => ({
    ...grant,
    available: grant.available.minus(event.amount),
    rolledOver: grant.rolledOver.plus(event.amount),
    // It happens once: what comes back to the grant later expires.
    rollover: null,
  }));
  return withNewGrant(after, newGrant(event.into, event.amount, event.occurredAt));
}

export function reversed(wallet: Wallet, event: DebitReversed): Wallet {
  const after = withDrawn(reopened(wallet, event), event.restored, (grant, { amount }) => ({
    ...givenBack(grant, amount, isOver(grant, event.occurredAt)),
    consumed: grant.consumed.minus(amount),
  }));
  const { disposition } = event;
  if (disposition === undefined) return after;
  return {
    ...after,
    uncovered: { ...after.uncovered, [disposition]: after.uncovered[disposition].minus(event.uncovered) },
  };
}

/** The grant with credits back in it. What comes back when its period is over expires; it does not roll over. */
export function givenBack(grant: Grant, amount: Amount, over: boolean): Grant {
  return {
    ...grant,
    available: grant.available.plus(amount),
    rollover: over ? null : grant.rollover,
  };
}

/** At the instant of its end a grant is over, for whoever gives back something. */
export function isOver({ expiresAt }: Grant, at: Instant): boolean {
  return expiresAt !== null && expiresAt <= at;
}

function reopened(wallet: Wallet, event: DebitReversed): Wallet {
  let after = wallet;
  for (const { reopened: grant } of event.restored) {
    if (grant === undefined) continue;
    const closed = after.closed.filter((candidate) => candidate.grantId !== grant.grantId);
    after = withNewGrant({ ...after, closed }, grant);
  }
  return after;
}

function newGrant(terms: GrantTerms, amount: Amount, grantedAt: Instant): Grant {
  return {
    grantId: terms.grantId,
    source: terms.source,
    priority: terms.priority,
    effectiveAt: terms.effectiveAt,
    expiresAt: terms.expiresAt,
    features: terms.features,
    origin: terms.origin,
    rollover: terms.rollover,
    grantedAt,
    granted: amount,
    available: amount,
    held: Amount.zero,
    consumed: Amount.zero,
    expired: Amount.zero,
    voided: Amount.zero,
    rolledOver: Amount.zero,
  };
}
