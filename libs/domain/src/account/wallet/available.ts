import { Amount } from '../../amount/index.js';
import type { Instant } from '../../time/index.js';
import type { Grant } from '../events.js';
import type { Wallet } from '../state.js';
import { isVoided } from './wallet.js';

/**
 * Whether the grant's credits count as available: in effect, not expired (`expiresAt` is exclusive), and not about to be
 * voided because they came back to a voided grant.
 */
export function isUsableAt(grant: Grant, at: Instant): boolean {
  return grant.effectiveAt <= at && (grant.expiresAt === null || grant.expiresAt > at) && !isVoided(grant);
}

/** Σ of the grants usable at an instant, whatever feature they are limited to; held credits are not in it. */
export function availableAt(wallet: Wallet, at: Instant): Amount {
  let total = 0n;
  for (const grant of wallet.grants) if (isUsableAt(grant, at)) total += grant.available.units;
  return Amount.ofUnits(total);
}
