import type { AccountCommand } from './commands.js';
import type { History } from './decision.js';
import { grantsDrawnBy } from './reversal/debit.js';
import type { AccountState } from './state.js';
import { findGrant, findWallet } from './wallet/wallet.js';

/** Facts that a decision needs and the state no longer holds; each goes into `context.history`. */
export type HistoryNeed =
  /** All `CreditsDebited`, `UsageUncovered` and `DebitReversed` of this usage → `debit` (empty: never recorded). */
  | { readonly kind: 'debit'; readonly source: string; readonly id: string }
  /** These grants as they stood when they left the state → `closedGrants` (those that exist). */
  | { readonly kind: 'closedGrants'; readonly creditSystem: string; readonly grantIds: readonly string[] }
  /** Whether a hold of this id was ever placed → `holdClosed`. */
  | { readonly kind: 'hold'; readonly holdId: string };

/**
 * Whether a command can need any: such a command is decided on a state that is in the store, never on one that
 * commands before it in the same batch have yet to write.
 */
export function mayNeedHistory({ type }: AccountCommand): boolean {
  switch (type) {
    case 'ReverseDebit':
    case 'VoidGrant':
    case 'CaptureHold':
    case 'ReleaseHold':
    case 'PlaceHold':
      return true;
    case 'RecordUsage':
    case 'StartSubscription':
    case 'ChangeSubscription':
    case 'CancelSubscription':
    case 'GrantCredits':
    case 'PurchaseCredits':
    case 'ConfigureAutoTopUp':
    case 'ReportTopUpPayment':
    case 'Settle':
      return false;
  }
}

/**
 * What to load next before `decide`, given what is loaded already; undefined: nothing more. Ask again with each
 * answer, since one leads to the next: a reversal needs the debit first and then the grants it drew on.
 */
export function needsHistory(
  state: AccountState,
  command: AccountCommand,
  history: History = {},
): HistoryNeed | undefined {
  switch (command.type) {
    case 'ReverseDebit': {
      if (history.debit === undefined) return { kind: 'debit', ...command.usage };
      const creditSystem = history.debit[0]?.creditSystem;
      return creditSystem === undefined
        ? undefined
        : closedGrantsNeed(state, creditSystem, grantsDrawnBy(history.debit), history);
    }
    case 'VoidGrant':
      return closedGrantsNeed(state, command.creditSystem, [command.grantId], history);
    case 'CaptureHold':
    case 'ReleaseHold':
    case 'PlaceHold': {
      const { holdId } = command;
      const open = Object.values(state.wallets).some(({ holds }) => holds.some(({ id }) => id === holdId));
      return open || history.holdClosed !== undefined ? undefined : { kind: 'hold', holdId };
    }
    case 'RecordUsage':
    case 'StartSubscription':
    case 'ChangeSubscription':
    case 'CancelSubscription':
    case 'GrantCredits':
    case 'PurchaseCredits':
    case 'ConfigureAutoTopUp':
    case 'ReportTopUpPayment':
    case 'Settle':
      return undefined;
  }
}

function closedGrantsNeed(
  state: AccountState,
  creditSystem: string,
  grantIds: readonly string[],
  history: History,
): HistoryNeed | undefined {
  if (history.closedGrants !== undefined) return undefined;
  const wallet = findWallet(state, creditSystem);
  const missing = grantIds.filter((id) => wallet === undefined || findGrant(wallet, id) === undefined);
  return missing.length === 0 ? undefined : { kind: 'closedGrants', creditSystem, grantIds: missing };
}
