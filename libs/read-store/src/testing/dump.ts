import { encodeAccountState, encodeGrant, type ToldBalance, type ToldTransaction } from '#projections';
import type { ReadStore } from '../port.js';

/**
 * Everything a read store holds about accounts, a line per row, in one order for every adapter: two stores hold the
 * same exactly when their dumps are equal. Through the port alone; what belongs to a projector or a scheduler
 * (checkpoints, horizons, leases) is left out.
 */
export async function* dumpReadStore(store: ReadStore, pageSize = 1000): AsyncGenerator<string> {
  let after: string | undefined;
  for (;;) {
    const customerIds = await store.customerIds(after, pageSize);
    const rows = await store.accounts(customerIds);
    for (const customerId of customerIds) {
      const row = rows.get(customerId);
      yield line(customerId, 'account', row && [row.revision, row.headHash, encodeAccountState(row.state)]);
      yield* dumpAccount(store, customerId, pageSize);
    }
    after = customerIds.at(-1);
    if (after === undefined) return;
  }
}

/** The dump as one list, for small stores. */
export async function dumpedReadStore(store: ReadStore): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const dumped of dumpReadStore(store)) lines.push(dumped);
  return lines;
}

async function* dumpAccount(store: ReadStore, customerId: string, pageSize: number): AsyncGenerator<string> {
  let before: number | undefined;
  do {
    const page = await store.transactions({ customerId }, pageSize, before);
    for (const row of page.rows) yield line(customerId, 'transaction', transactionContent(row));
    before = page.next;
  } while (before !== undefined);
  let digest: string | undefined;
  for (;;) {
    const ids = await store.rememberedIds(customerId, digest, pageSize);
    for (const id of ids) yield line(customerId, 'id', [id.digest, id.fingerprint, id.revision]);
    digest = ids.at(-1)?.digest;
    if (digest === undefined) break;
  }
  for (const { creditSystem, grant } of (await store.closedGrants(customerId)).rows) {
    yield line(customerId, 'closed grant', [creditSystem, encodeGrant(grant)]);
  }
  for (const { kind, creditSystem, at } of await store.agenda(customerId)) {
    yield line(customerId, 'agenda', [kind, creditSystem, at]);
  }
}

/** By hand, because the order of an object's keys is not part of it. */
function transactionContent(row: ToldTransaction): unknown {
  const amounts = ({ included, purchased, promotional, held }: ToldBalance) =>
    [included, purchased, promotional, held].join(' ');
  return [
    row.revision,
    row.eventId,
    row.creditSystem,
    row.type,
    row.touched,
    row.occurredAtMs,
    row.recordedAtMs,
    amounts(row.change),
    amounts(row.balance),
    row.uncovered,
    row.feature,
    row.usageSource,
    row.usageId,
    row.grantId,
    row.holdId,
  ];
}

/** Amounts print as their canonical texts. */
function line(customerId: string, what: string, content: unknown): string {
  return `${JSON.stringify(customerId)} ${what} ${JSON.stringify(content ?? null)}`;
}
