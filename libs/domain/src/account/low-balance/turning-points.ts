import type { Instant } from '../../time/index.js';
import type { AccountState } from '../state.js';

/**
 * The earliest instant after `after` and not after `until` at which time alone changes what is available, or
 * which limit holds: a grant takes effect or expires, terms or a subscription begin or end. Null: none.
 */
export function nextTurningPoint(
  state: AccountState,
  after: Instant | null,
  until: Instant | null,
): Instant | null {
  let next: Instant | null = null;
  const consider = (at: Instant | null) => {
    if (at === null || (after !== null && at <= after) || (until !== null && at > until)) return;
    if (next === null || at < next) next = at;
  };
  for (const { endsAt, terms } of state.subscriptions) {
    consider(endsAt);
    for (const { from } of terms) consider(from);
  }
  for (const { grants } of Object.values(state.wallets)) {
    for (const { available, effectiveAt, expiresAt } of grants) {
      if (available.isZero) continue;
      consider(effectiveAt);
      consider(expiresAt);
    }
  }
  return next;
}
