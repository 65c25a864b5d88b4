import type { AccountState } from '../state.js';

/** Whether any plan of the account has a low credit limit: most have none and pay nothing for those that do. */
export function isWatched({ subscriptions }: AccountState): boolean {
  return subscriptions.some(({ terms }) => terms.some((each) => each.lowCreditLimits !== undefined));
}
