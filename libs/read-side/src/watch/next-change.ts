import type { AccountState, Instant } from '#domain';
import { walletOf } from '#domain';

/** When time alone changes what the wallet shows next; undefined: never, as things stand. */
export function nextChangeByTime(
  state: AccountState,
  creditSystem: string,
  at: Instant,
): Instant | undefined {
  const wallet = walletOf(state, creditSystem);
  const instants = [
    ...wallet.grants.flatMap(({ effectiveAt, expiresAt }) => [effectiveAt, expiresAt]),
    ...wallet.holds.map(({ timesOutAt }) => timesOutAt),
    ...state.subscriptions.flatMap(({ schedules }) =>
      schedules.filter((schedule) => schedule.creditSystem === creditSystem).map(({ nextAt }) => nextAt),
    ),
  ];
  let next: Instant | undefined;
  for (const instant of instants) {
    if (instant !== null && instant > at && (next === undefined || instant < next)) next = instant;
  }
  return next;
}
