import type { DecisionContext } from '../decision.js';
import type { AccountEvent, Cause, CreditsExpired, CreditsRolledOver, CreditsVoided } from '../events.js';
import { fact } from '../fact.js';
import { released } from '../hold/release.js';
import type { AccountState } from '../state.js';
import { findSubscription } from '../subscription/terms.js';
import { Amount } from '../../amount/index.js';
import { earlier, type Instant } from '../../time/index.js';
import { withoutCredits } from '../wallet/balance.js';
import type { Due } from './due.js';
import { renew } from './renewal.js';

type DueOf<K extends Due['kind']> = Extract<Due, { kind: K }>;

/** The one event by which something due is recorded: it happened when it fell due, and was decided now. */
export function record(
  state: AccountState,
  due: Due,
  cause: Cause,
  now: Instant,
  context: DecisionContext,
): AccountEvent {
  const happened = fact(cause, due.at, now);
  switch (due.kind) {
    case 'renewal':
      return renew(state, due, happened, context);
    case 'holdTimeOut':
      return released(due, 'timedOut', cause, due.at, now);
    case 'rollover':
      return rollOver(state, due, happened);
    case 'expiry':
      return expire(due, happened);
    case 'void':
      return voidAgain(due, happened);
  }
}

type Happened = ReturnType<typeof fact>;

function expire({ wallet, grant }: DueOf<'expiry'>, happened: Happened): CreditsExpired {
  return {
    type: 'CreditsExpired',
    ...happened,
    creditSystem: wallet.creditSystem,
    balance: withoutCredits(wallet.balance, grant.source, grant.available),
    grantId: grant.grantId,
    source: grant.source,
    amount: grant.available,
  };
}

/** Credits that came back to a grant that had been voided. */
function voidAgain({ wallet, grant }: DueOf<'void'>, happened: Happened): CreditsVoided {
  return {
    type: 'CreditsVoided',
    ...happened,
    creditSystem: wallet.creditSystem,
    balance: withoutCredits(wallet.balance, grant.source, grant.available),
    grantId: grant.grantId,
    source: grant.source,
    amount: grant.available,
    consumed: grant.consumed,
    reason: 'the grant had been voided before these credits came back to it',
  };
}

/**
 * min(remainder, cap) moves into a grant of its own. It keeps the instant from which its origin counted, so that
 * usage from before the period's end that arrives only now finds it.
 */
function rollOver(state: AccountState, due: DueOf<'rollover'>, happened: Happened): CreditsRolledOver {
  const { wallet, grant } = due;
  const { rollover, origin } = grant;
  if (rollover === null || origin.kind !== 'allowance')
    throw new Error(`grant ${grant.grantId} has nothing to roll over by`);
  const { subscriptionId } = origin;
  const end = findSubscription(state, subscriptionId)?.endsAt ?? null;
  return {
    type: 'CreditsRolledOver',
    ...happened,
    creditSystem: wallet.creditSystem,
    // What moves stays of the same source, so the balance does not change.
    balance: wallet.balance,
    fromGrantId: grant.grantId,
    amount: rollover.cap === null ? grant.available : Amount.min(grant.available, rollover.cap),
    into: {
      grantId: `${grant.grantId}/rollover`,
      source: grant.source,
      priority: grant.priority,
      effectiveAt: grant.effectiveAt,
      expiresAt: end === null ? rollover.expiresAt : earlier(rollover.expiresAt, end),
      features: grant.features,
      origin: { kind: 'rollover', fromGrantId: grant.grantId, subscriptionId },
      rollover: null,
    },
  };
}
