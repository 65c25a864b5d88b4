import type { Instant } from '../../time/index.js';
import type { EndedGrant, Grant } from '../events.js';
import type { AccountState } from '../state.js';

/**
 * The included grants of a subscription that would outlive `endsAt` (or roll over at it) and therefore end then.
 * What was purchased or given is the customer's to keep. `rollovers`: whether what rolled over ends as well.
 */
export function grantsEndedAt(
  state: AccountState,
  subscriptionId: string,
  endsAt: Instant,
  { rollovers }: { readonly rollovers: boolean },
): readonly EndedGrant[] {
  return Object.values(state.wallets).flatMap(({ creditSystem, grants }) =>
    grants
      .filter((grant) => isIncludedIn(grant, subscriptionId, rollovers) && outlives(grant, endsAt, rollovers))
      .map(({ grantId }) => ({ creditSystem, grantId, expiresAt: endsAt })),
  );
}

function isIncludedIn({ origin }: Grant, subscriptionId: string, rollovers: boolean): boolean {
  return (
    (origin.kind === 'allowance' || (rollovers && origin.kind === 'rollover')) &&
    origin.subscriptionId === subscriptionId
  );
}

/** `whole`: the subscription itself ends then, and with it what would have rolled over. */
export function outlives({ expiresAt, rollover }: Grant, endsAt: Instant, whole: boolean): boolean {
  if (expiresAt === null || expiresAt > endsAt) return true;
  return whole && rollover !== null && expiresAt === endsAt;
}
