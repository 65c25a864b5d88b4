import { rejection, type Rejection } from '../../rejection.js';
import type { VoidGrant } from '../commands.js';
import type { Deciding } from '../deciding.js';
import type { CreditsVoided, Grant } from '../events.js';
import { fact } from '../fact.js';
import { MissingHistory } from '../missing-history.js';
import { customerUnknown } from '../refusals.js';
import { withoutCredits } from '../wallet/balance.js';
import { findGrant, isVoided, walletOf } from '../wallet/wallet.js';

/**
 * Takes back what is left of a grant; what was consumed stays consumed, and what a hold has set aside stays with
 * the hold: whatever of it comes back is voided as well.
 */
export function voidGrant(
  command: VoidGrant,
  { state, now, cause, context }: Deciding,
): readonly CreditsVoided[] | Rejection {
  const { creditSystem, grantId, reason } = command;
  if (!state.exists) return customerUnknown();
  const wallet = walletOf(state, creditSystem);
  const grant = findGrant(wallet, grantId) ?? closedGrant(grantId, context.history?.closedGrants);
  if (grant === undefined)
    return rejection('GRANT_UNKNOWN', `the customer has no grant ${grantId} of ${creditSystem}`);
  const { held } = grant;
  if (grant.available.isZero && (held.isZero || isVoided(grant))) return spent(grant);
  return [
    {
      type: 'CreditsVoided',
      ...fact(cause, now, now),
      creditSystem,
      balance: withoutCredits(wallet.balance, grant.source, grant.available),
      grantId,
      source: grant.source,
      amount: grant.available,
      consumed: grant.consumed,
      ...(held.isPositive && { held }),
      reason,
    },
  ];
}

function closedGrant(grantId: string, closedGrants: readonly Grant[] | undefined): Grant | undefined {
  if (closedGrants === undefined) throw new MissingHistory(`grant ${grantId}`);
  return closedGrants.find((grant) => grant.grantId === grantId);
}

function spent({ grantId, granted, consumed, held, expired, voided }: Grant): Rejection {
  const numbers = {
    granted: granted.toString(),
    consumed: consumed.toString(),
    held: held.toString(),
    expired: expired.toString(),
    voided: voided.toString(),
  };
  const said = Object.entries(numbers).map(([name, value]) => `${name} ${value}`);
  return rejection('GRANT_SPENT', `nothing is left of grant ${grantId}: ${said.join(', ')}`, { numbers });
}
