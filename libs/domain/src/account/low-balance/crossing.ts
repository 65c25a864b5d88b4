import type { Instant } from '../../time/index.js';
import type { Cause, LowBalanceCleared, LowBalanceReached } from '../events.js';
import { fact } from '../fact.js';
import type { AccountState } from '../state.js';
import { limitAt } from '../subscription/terms.js';
import { availableAt } from '../wallet/available.js';
import { findWallet } from '../wallet/wallet.js';

/**
 * The event by which a wallet falls below its low credit limit or rises to it again; none while it stays on
 * one side, so that a crossing is told once. A wallet that never held credits has nothing to fall from.
 */
export function crossing(
  state: AccountState,
  creditSystem: string,
  at: Instant,
  cause: Cause,
  now: Instant,
): readonly (LowBalanceReached | LowBalanceCleared)[] {
  const wallet = findWallet(state, creditSystem);
  const limit = limitAt(state, creditSystem, at);
  if (wallet === undefined || limit === undefined) return [];
  const available = availableAt(wallet, at);
  const { threshold, action } = limit;
  const low = available.lessThan(threshold);
  if (low === wallet.low) return [];
  const wide = { ...fact(cause, at, now), creditSystem, balance: wallet.balance, threshold, available };
  return low ? [{ type: 'LowBalanceReached', ...wide, action }] : [{ type: 'LowBalanceCleared', ...wide }];
}
