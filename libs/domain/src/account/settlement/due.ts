import type { Instant } from '../../time/index.js';
import type { DecisionContext } from '../decision.js';
import type { Grant } from '../events.js';
import { usageHorizon } from '../fact.js';
import { isVoided } from '../wallet/wallet.js';
import type { AccountState, Hold, Schedule, Subscription, Wallet } from '../state.js';

/** Something that time alone has caused, and the instant at which it fell due. */
export type Due =
  | { readonly kind: 'void'; readonly at: Instant; readonly wallet: Wallet; readonly grant: Grant }
  | { readonly kind: 'holdTimeOut'; readonly at: Instant; readonly wallet: Wallet; readonly hold: Hold }
  | { readonly kind: 'rollover'; readonly at: Instant; readonly wallet: Wallet; readonly grant: Grant }
  | { readonly kind: 'expiry'; readonly at: Instant; readonly wallet: Wallet; readonly grant: Grant }
  | {
      readonly kind: 'renewal';
      readonly at: Instant;
      readonly subscription: Subscription;
      readonly schedule: Schedule;
    };

/** What comes first among what falls due at one instant: old credits leave before new ones come. */
const RANK: Readonly<Record<Due['kind'], number>> = {
  void: 0,
  holdTimeOut: 1,
  rollover: 2,
  expiry: 3,
  renewal: 4,
};

/** The earliest of what is due, or undefined. Every decision asks, and mostly nothing is. */
export function firstDue(state: AccountState, now: Instant, context: DecisionContext): Due | undefined {
  let first: Due | undefined;
  const consider = (due: Due) => {
    if (first === undefined || comesBefore(due, first)) first = due;
  };
  for (const subscription of state.subscriptions) {
    for (const schedule of subscription.schedules) {
      if (schedule.nextAt <= now) consider({ kind: 'renewal', at: schedule.nextAt, subscription, schedule });
    }
  }
  for (const creditSystem in state.wallets) {
    const wallet = state.wallets[creditSystem];
    if (wallet === undefined) continue;
    for (const hold of wallet.holds) {
      if (hold.timesOutAt <= now) consider({ kind: 'holdTimeOut', at: hold.timesOutAt, wallet, hold });
    }
    for (const grant of wallet.grants) {
      if (grant.available.isZero) continue;
      if (isVoided(grant)) consider({ kind: 'void', at: now, wallet, grant });
      else if (grant.expiresAt === null || grant.expiresAt > now) continue;
      else if (grant.rollover !== null) consider({ kind: 'rollover', at: grant.expiresAt, wallet, grant });
      else if (grant.expiresAt <= usageHorizon(context, creditSystem))
        consider({ kind: 'expiry', at: grant.expiresAt, wallet, grant });
    }
  }
  return first;
}

function comesBefore(a: Due, b: Due): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.kind !== b.kind) return RANK[a.kind] < RANK[b.kind];
  return nameOf(a) < nameOf(b);
}

/** Breaks ties, so that the order never depends on how the state came about. */
function nameOf(due: Due): string {
  switch (due.kind) {
    case 'renewal':
      return `${due.schedule.creditSystem} ${due.schedule.kind} ${due.subscription.id}`;
    case 'holdTimeOut':
      return `${due.wallet.creditSystem} ${due.hold.id}`;
    case 'void':
    case 'rollover':
    case 'expiry':
      return `${due.wallet.creditSystem} ${due.grant.grantId}`;
  }
}
