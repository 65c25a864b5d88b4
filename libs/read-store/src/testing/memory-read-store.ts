import { ACCOUNT_STATE_VERSION, later, type Instant } from '#domain';
import {
  told,
  type AccountChange,
  type AccountRow,
  type AgendaItem,
  type ClosedGrantRow,
  type TransactionRow,
} from '#projections';
import { agendaText, compareAgendaItems } from '../agenda-queue.js';
import { identityDigest } from '../identity-digest.js';
import {
  CheckpointMoved,
  ReadStoreUnavailable,
  type ProjectionBatch,
  type ReadStore,
  type SeenRow,
  type TransactionFilter,
} from '../port.js';
import { outdatedPage } from '../outdated-page.js';
import { toStorableText } from '../storable-text.js';
import { groupMatches } from '../transaction-group.js';

interface Account {
  row: AccountRow;
  stateVersion: number;
  checkpoint: bigint;
  agenda: readonly AgendaItem[];
  readonly transactions: Map<number, TransactionRow>;
  /** By digest of the identity. */
  readonly ids: Map<string, SeenRow>;
  readonly closedGrants: Map<string, { closed: ClosedGrantRow; stateVersion: number }>;
}

/** What a memory read store keeps; several stores may share one, as several processes share a database. */
export class MemoryReadData {
  readonly checkpoints = new Map<string, bigint>();
  readonly accounts = new Map<string, Account>();
  readonly horizons = new Map<string, Instant>();
  readonly leases = new Map<string, { holder: string; endsAt: number }>();
}

export interface MemoryReadStoreOptions {
  readonly data?: MemoryReadData;
  /** Milliseconds since 1970: the clock of the leases. Default: the system's. */
  readonly now?: () => number;
  readonly stateVersion?: number;
}

/** The port in the plainest way: for unit tests, simulations, and as the measure of the adapters. */
export function openMemoryReadStore(options: MemoryReadStoreOptions = {}): ReadStore {
  const { data = new MemoryReadData(), now = Date.now, stateVersion = ACCOUNT_STATE_VERSION } = options;
  let closed = false;
  const answer = <T>(work: () => T): Promise<T> =>
    closed
      ? Promise.reject(new ReadStoreUnavailable('the memory read store is closed'))
      : Promise.resolve().then(work);
  const accountsInOrder = (): readonly Account[] =>
    [...data.accounts.values()].sort((a, b) => byCodePoints(a.row.customerId, b.row.customerId));

  return {
    apply: (batch) => answer(() => apply(data, batch, stateVersion)),
    checkpoint: (projector) => answer(() => data.checkpoints.get(projector)),
    accounts: (customerIds) =>
      answer(() => {
        const rows = customerIds.flatMap((id) => data.accounts.get(id) ?? []);
        return new Map(
          rows
            .filter((account) => account.stateVersion === stateVersion)
            .map(({ row }) => [row.customerId, row]),
        );
      }),
    outdated: (after, limit) =>
      answer(() => {
        const looked = accountsInOrder()
          .map(({ row, stateVersion: version }) => ({
            customerId: row.customerId,
            revision: row.revision,
            stateVersion: version,
          }))
          .filter(({ customerId }) => after === undefined || byCodePoints(customerId, after) > 0)
          .slice(0, limit);
        return outdatedPage(looked, limit, stateVersion);
      }),
    seen: (lookups) =>
      answer(() => ({
        rows: lookups.map(({ customerId, identity }) =>
          data.accounts.get(customerId)?.ids.get(identityDigest(identity)),
        ),
        projectedThrough: new Map(
          lookups.map(({ customerId }) => [customerId, data.accounts.get(customerId)?.row.revision ?? -1]),
        ),
      })),
    closedGrants: (customerId, grantIds) =>
      answer(() => {
        const account = data.accounts.get(customerId);
        if (account?.stateVersion !== stateVersion) return { rows: [], projectedThrough: -1 };
        const rows = [...account.closedGrants.values()]
          .filter((stored) => stored.stateVersion === stateVersion)
          .map((stored) => stored.closed)
          .filter(({ grant }) => grantIds?.includes(grant.grantId) ?? true)
          .sort(
            (a, b) =>
              byCodePoints(a.grant.grantId, b.grant.grantId) || byCodePoints(a.creditSystem, b.creditSystem),
          );
        return { rows, projectedThrough: account.row.revision };
      }),
    transactions: (filter, pageSize, before = Infinity) =>
      answer(() => {
        const found = [...(data.accounts.get(filter.customerId)?.transactions.values() ?? [])]
          .filter((row) => row.revision < before && matches(filter, row))
          .sort((a, b) => b.revision - a.revision);
        const rows = found.slice(0, pageSize).map(told);
        return { rows, next: found.length > pageSize ? rows.at(-1)?.revision : undefined };
      }),
    transaction: (customerId, revision) =>
      answer(() => {
        const row = data.accounts.get(customerId)?.transactions.get(revision);
        return row && told(row);
      }),
    changedAccounts: (after, limit) =>
      answer(() => {
        const changed = [...data.accounts.values()]
          .filter(({ checkpoint }) => checkpoint > after)
          .sort((a, b) =>
            a.checkpoint === b.checkpoint
              ? byCodePoints(a.row.customerId, b.row.customerId)
              : a.checkpoint < b.checkpoint
                ? -1
                : 1,
          )
          .map(({ row, checkpoint }) => ({ customerId: row.customerId, revision: row.revision, checkpoint }));
        const last = changed[limit - 1];
        return last ? changed.filter(({ checkpoint }) => checkpoint <= last.checkpoint) : changed;
      }),
    due: ({ now: clock, usageHorizons, limit }) =>
      answer(() => {
        const horizons = new Map(Object.entries(usageHorizons));
        return [...data.accounts.values()]
          .flatMap(({ agenda }) => agenda)
          .filter((item) => {
            const due = item.kind === 'settle' ? clock : horizons.get(item.creditSystem ?? '');
            return due !== undefined && item.at <= due;
          })
          .sort(compareAgendaItems)
          .slice(0, limit);
      }),
    publishHorizons: (horizons) =>
      answer(() => {
        for (const { partition, consumedThrough } of horizons) {
          const known = data.horizons.get(partition) ?? consumedThrough;
          data.horizons.set(partition, later(known, consumedThrough));
        }
      }),
    horizons: () =>
      answer(() =>
        [...data.horizons]
          .sort(([a], [b]) => byCodePoints(a, b))
          .map(([partition, consumedThrough]) => ({ partition, consumedThrough })),
      ),
    acquireLease: (name, holder, ttlMs) =>
      answer(() => {
        const lease = data.leases.get(name);
        const [at, endsAt] = [now(), now() + ttlMs];
        if (lease && lease.holder !== holder && lease.endsAt > at && lease.endsAt <= endsAt) return false;
        data.leases.set(name, { holder, endsAt });
        return true;
      }),
    releaseLease: (name, holder) =>
      answer(() => {
        if (data.leases.get(name)?.holder === holder) data.leases.delete(name);
      }),
    customerIds: (after, limit) =>
      answer(() =>
        accountsInOrder()
          .map(({ row }) => row.customerId)
          .filter((id) => after === undefined || byCodePoints(id, after) > 0)
          .slice(0, limit),
      ),
    agenda: (customerId) =>
      answer(() => [...(data.accounts.get(customerId)?.agenda ?? [])].sort(compareAgendaItems)),
    rememberedIds: (customerId, after = '', limit) =>
      answer(() =>
        [...(data.accounts.get(customerId)?.ids ?? [])]
          .map(([digest, seen]) => ({ digest, ...seen }))
          .filter(({ digest }) => digest > after)
          .sort((a, b) => (a.digest < b.digest ? -1 : 1))
          .slice(0, limit),
      ),
    ping: () => answer(() => undefined),
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}

function apply(data: MemoryReadData, batch: ProjectionBatch, stateVersion: number): void {
  const actual = data.checkpoints.get(batch.projector);
  if (actual !== batch.after) throw new CheckpointMoved(batch.projector, batch.after, actual);
  for (const { row, transactions } of batch.changes) {
    const known = data.accounts.get(row.customerId)?.transactions;
    const twice = transactions.find(({ revision }) => known?.has(revision));
    if (twice) throw new Error(`transaction ${row.customerId} ${twice.revision} exists already`);
  }
  for (const change of batch.changes) applyChange(data, change, batch.checkpoint, stateVersion);
  data.checkpoints.set(batch.projector, batch.checkpoint);
}

function applyChange(
  data: MemoryReadData,
  change: AccountChange,
  checkpoint: bigint,
  stateVersion: number,
): void {
  const { row } = change;
  const account: Account = data.accounts.get(row.customerId) ?? {
    row,
    stateVersion,
    checkpoint,
    agenda: [],
    transactions: new Map(),
    ids: new Map(),
    closedGrants: new Map(),
  };
  // The same item twice is one item.
  const agenda = [...new Map(change.agenda.map((item) => [agendaText([item]), item])).values()];
  Object.assign(account, { row, stateVersion, checkpoint, agenda });
  for (const transaction of change.transactions) account.transactions.set(transaction.revision, transaction);
  for (const { identity, fingerprint, revision } of change.ids) {
    const digest = identityDigest(identity);
    if (!account.ids.has(digest)) account.ids.set(digest, { fingerprint, revision });
  }
  for (const closed of change.closedGrants) {
    const key = JSON.stringify([closed.grant.grantId, closed.creditSystem]);
    account.closedGrants.set(key, { closed, stateVersion });
  }
  data.accounts.set(row.customerId, account);
}

function matches(filter: TransactionFilter, row: TransactionRow): boolean {
  return (
    groupMatches(filter, row) &&
    (filter.from === undefined || row.occurredAt >= filter.from) &&
    (filter.to === undefined || row.occurredAt < filter.to)
  );
}

const BEYOND_ASCII = /[^ -~]/;

/** Databases order by code points; JavaScript's `<` by UTF-16, where U+1F600 comes before U+FFFD. */
function byCodePoints(a: string, b: string): number {
  if (!BEYOND_ASCII.test(a) && !BEYOND_ASCII.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(toStorableText(a)), Buffer.from(toStorableText(b)));
}
