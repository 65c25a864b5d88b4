import {
  evolve,
  identityOf,
  initialAccount,
  needsHistory,
  usageIdentity,
  type AccountCommand,
  type Grant,
  type History,
  type HistoryNeed,
} from '#domain';
import type { EventStore } from '#event-store';
import { readAccount } from '#journal';
import { holdIdentity, type AccountRow, type ClosedGrantRow } from '#projections';
import type { ReadStore } from '#read-store';
import type { LoadedAccount } from './loaded-account.js';
import type { RememberedIds } from './remembered-ids.js';

type PastDebit = NonNullable<History['debit']>[number];

interface Stores {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  readonly ids: RememberedIds;
}

/** Fetches what a command needs to know of the account's past beyond its state; undefined for most. */
export async function historyFor(
  command: AccountCommand,
  account: LoadedAccount,
  stores: Stores,
): Promise<History | undefined> {
  let history: History | undefined;
  for (
    let need = needsHistory(account.state, command);
    need;
    need = needsHistory(account.state, command, history)
  ) {
    history = { ...history, ...(await answer(need, account, stores)) };
  }
  return history;
}

async function answer(need: HistoryNeed, account: LoadedAccount, stores: Stores): Promise<History> {
  switch (need.kind) {
    case 'debit':
      return { debit: await debitOf(need, account, stores) };
    case 'closedGrants':
      return { closedGrants: await closedGrants(account, need, stores) };
    case 'hold': {
      const identity = holdIdentity(need.holdId);
      return { holdClosed: (await stores.ids.find(account, [identity])).has(identity) };
    }
  }
}

/** The events of a usage event and the reversals of it, oldest first, out of the stream itself. */
async function debitOf(
  usage: { readonly source: string; readonly id: string },
  account: LoadedAccount,
  { eventStore, ids }: Stores,
): Promise<PastDebit[]> {
  const identity = usageIdentity(usage.source, usage.id);
  const first = (await ids.find(account, [identity])).get(identity);
  if (!first) return [];
  const past: PastDebit[] = [];
  for await (const batch of readAccount(eventStore, account.customerId, first.revision)) {
    for (const { event } of batch) {
      const ofTheUsage = event.cause.kind === 'usage' && identityOf(event.cause) === identity;
      if (ofTheUsage && (event.type === 'CreditsDebited' || event.type === 'UsageUncovered'))
        past.push(event);
      if (
        event.type === 'DebitReversed' &&
        event.usage.source === usage.source &&
        event.usage.id === usage.id
      ) {
        past.push(event);
      }
    }
  }
  return past;
}

/**
 * Grants of a wallet that left the state. Those closed up to the read store's row are in the read store; those closed since
 * are found by folding the tail after that row once more, without letting go of them.
 */
async function closedGrants(
  account: LoadedAccount,
  { creditSystem, grantIds }: Extract<HistoryNeed, { kind: 'closedGrants' }>,
  { eventStore, readStore }: Stores,
): Promise<Grant[]> {
  const { customerId, head } = account;
  const wanted = new Set(grantIds);
  const { row, closed } = await storedGrants(customerId, [...wanted], readStore);
  let state = row?.state ?? initialAccount;
  const from = (row?.revision ?? -1) + 1;
  if (from <= head.revision) {
    for await (const batch of readAccount(eventStore, customerId, from, head.revision - from + 1)) {
      state = batch.reduce((folded, { event }) => evolve(folded, event), state);
    }
  }
  const found = new Map<string, Grant>();
  for (const row of closed) if (row.creditSystem === creditSystem) found.set(row.grant.grantId, row.grant);
  for (const grant of state.wallets[creditSystem]?.closed ?? []) {
    if (wanted.has(grant.grantId)) found.set(grant.grantId, grant);
  }
  return [...found.values()];
}

/**
 * A row, and the grants that were closed up to it, or a little further. When the store is deleted in between, to be rebuilt,
 * it does not know them yet: then there is another look.
 */
async function storedGrants(
  customerId: string,
  grantIds: readonly string[],
  readStore: ReadStore,
): Promise<{ readonly row: AccountRow | undefined; readonly closed: readonly ClosedGrantRow[] }> {
  for (;;) {
    const row = (await readStore.accounts([customerId])).get(customerId);
    const { rows, projectedThrough } = await readStore.closedGrants(customerId, grantIds);
    if (projectedThrough >= (row?.revision ?? -1)) return { row, closed: rows };
  }
}
