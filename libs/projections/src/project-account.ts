import {
  agendaOf,
  evolve,
  initialAccount,
  withoutClosedGrants,
  type AccountState,
  type Wallet,
} from '#domain';
import type { RecordedAccountEvent } from './recorded-event.js';
import { rememberedIds } from './remembered-ids.js';
import type { AccountChange, AccountRow, AgendaItem, ClosedGrantRow, TransactionRow } from './rows.js';
import { isWalletEvent } from './movement.js';
import { transactionRow } from './transaction-row.js';

/**
 * Folds the next events of an account into its row of the read store. Events that the row holds already are
 * ignored, so that a batch may come again; where the events are cut into batches changes nothing in the end.
 * @param row undefined: no event has been folded in yet
 * @param events in order of revision
 * @throws Error a defect: a revision is missing, there is nothing to fold, or an event does not fit what stands before it
 */
export function projectAccount(
  customerId: string,
  row: AccountRow | undefined,
  events: readonly RecordedAccountEvent[],
): AccountChange {
  const fresh = events.filter(({ revision }) => revision > (row?.revision ?? -1));
  const transactions: TransactionRow[] = [];
  const closedGrants = new Map<string, ClosedGrantRow>();
  let state = row?.state ?? initialAccount;
  let head = { revision: row?.revision ?? -1, hash: row?.headHash ?? '' };
  for (const recorded of fresh) {
    requireNext(customerId, head.revision, recorded.revision);
    let folded: AccountState;
    try {
      const transaction = transactionRow(customerId, recorded, walletBefore(state, recorded));
      if (transaction) transactions.push(transaction);
      folded = evolve(state, recorded.event);
    } catch (error) {
      throw misfit(customerId, recorded, error);
    }
    // After each event, not after the batch: which closings are seen must not depend on where a batch ends.
    if (hasClosedGrants(folded)) {
      for (const closed of closedGrantsOf(customerId, folded)) {
        closedGrants.set(JSON.stringify([closed.creditSystem, closed.grant.grantId]), closed);
      }
      state = withoutClosedGrants(folded);
    } else state = folded;
    head = { revision: recorded.revision, hash: recorded.hash };
  }
  if (head.revision < 0) throw new Error(`account ${customerId}: no row and no events to project`);
  return {
    row: { customerId, revision: head.revision, state, headHash: head.hash },
    transactions,
    ids: rememberedIds(customerId, fresh),
    closedGrants: [...closedGrants.values()],
    agenda: agendaItems(customerId, state),
  };
}

function requireNext(customerId: string, last: number, revision: number): void {
  if (revision === last + 1) return;
  throw new Error(`account ${customerId}: revision ${revision} follows ${last}, expected ${last + 1}`);
}

function walletBefore(state: AccountState, { event }: RecordedAccountEvent): Wallet | undefined {
  if (!isWalletEvent(event) || !Object.hasOwn(state.wallets, event.creditSystem)) return undefined;
  return state.wallets[event.creditSystem];
}

function misfit(customerId: string, { event, revision }: RecordedAccountEvent, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return new Error(`account ${customerId}: revision ${revision} (${event.type}): ${why}`, { cause: error });
}

/** Hardly any event closes a grant: a look that allocates nothing. */
function hasClosedGrants({ wallets }: AccountState): boolean {
  for (const key in wallets) if (wallets[key]?.closed.length !== 0) return true;
  return false;
}

function closedGrantsOf(customerId: string, state: AccountState): readonly ClosedGrantRow[] {
  return Object.values(state.wallets).flatMap(({ creditSystem, closed }) =>
    closed.map((grant) => ({ customerId, creditSystem, grant })),
  );
}

function agendaItems(customerId: string, state: AccountState): readonly AgendaItem[] {
  return agendaOf(state).map((item) => ({ customerId, ...item }));
}
