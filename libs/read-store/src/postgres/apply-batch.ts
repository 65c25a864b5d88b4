import type { AccountChange, AccountRow, ClosedGrantRow, TransactionRow } from '#projections';
import { encodeAccountState, encodeGrant } from '#projections';
import { agendaQueue, agendaText } from '../agenda-queue.js';
import { identityDigest } from '../identity-digest.js';
import { CheckpointMoved, type ProjectionBatch } from '../port.js';
import { toStorableText } from '../storable-text.js';
import { spansOf } from '../time-span.js';
import { groupKey } from '../transaction-group.js';
import { applyStatements } from './apply-statements.js';
import { plainArray, textArray } from './array-literal.js';
import type { Database, Queries } from './database.js';
import { slices } from './slices.js';
import { madeAnew, type TransactionGroups } from './transaction-groups.js';

interface NumberedChange {
  readonly id: number;
  readonly change: AccountChange;
}

interface InsertedAccount {
  readonly account_id: number;
  readonly customer_id: string;
}

interface EncodedAccount {
  readonly customerId: string;
  readonly row: AccountRow;
  readonly agenda: string;
  readonly state: string;
}

interface EncodedGrant {
  readonly id: number;
  readonly row: ClosedGrantRow;
  readonly state: string;
}

/** One transaction per batch, one statement per table, or as many as its texts are long (slices.ts). @throws CheckpointMoved */
export function batchWriter(
  db: Database,
  groups: TransactionGroups,
  schema: string,
  stateVersion: number,
): (batch: ProjectionBatch) => Promise<void> {
  const statements = applyStatements(schema);

  /**
   * Holds the checkpoint's row until the end: a second projector waits here and then finds it moved.
   * @returns the dictionary of groups that goes with it
   */
  const moveCheckpoint = async (queries: Queries, batch: ProjectionBatch): Promise<number> => {
    const { projector, after, checkpoint } = batch;
    const [moved] = await (after === undefined
      ? queries.query<{ dictionary: number }>(statements.firstCheckpoint, [projector, checkpoint])
      : queries.query<{ dictionary: number }>(statements.moveCheckpoint, [projector, checkpoint, after]));
    if (moved) return moved.dictionary;
    const [actual] = await queries.query<{ position: string }>(statements.checkpoint, [projector]);
    throw new CheckpointMoved(projector, after, actual && BigInt(actual.position));
  };

  const writeAccounts = async (
    queries: Queries,
    batch: ProjectionBatch,
  ): Promise<{ accounts: readonly NumberedChange[]; agendaChanged: readonly NumberedChange[] }> => {
    const byCustomer = new Map(
      batch.changes.map((change) => [toStorableText(change.row.customerId), change]),
    );
    const known = await queries.query<{ account_id: number; customer_id: string; agenda: string }>(
      statements.findAccounts,
      [textArray([...byCustomer.keys()])],
    );
    const numbers = new Map(known.map((account) => [account.customer_id, account]));
    const added = [...byCustomer].filter(([customerId]) => !numbers.has(customerId));
    const kept = [...byCustomer].filter(([customerId]) => numbers.has(customerId));
    const columns = (accounts: readonly EncodedAccount[]) => [
      plainArray(accounts.map(({ row }) => row.revision)),
      textArray(accounts.map(({ row }) => row.headHash)),
      textArray(accounts.map(({ agenda }) => agenda)),
      textArray(accounts.map(({ state }) => state)),
      stateVersion,
      batch.checkpoint,
    ];
    for (const slice of slices(encodedAccounts(kept), lengthOfAccount)) {
      const ids = slice.map(({ customerId }) => numbers.get(customerId)?.account_id ?? 0);
      await queries.execute(statements.updateAccounts, [plainArray(ids), ...columns(slice)]);
    }
    const inserted: InsertedAccount[] = [];
    for (const slice of slices(encodedAccounts(added), lengthOfAccount)) {
      const customerIds = textArray(slice.map(({ customerId }) => customerId));
      const values = [customerIds, ...columns(slice)];
      inserted.push(...(await queries.query<InsertedAccount>(statements.insertAccounts, values)));
    }
    const numbered = [...known, ...inserted]
      .flatMap(({ account_id, customer_id }) => {
        const change = byCustomer.get(customer_id);
        return change ? [{ id: account_id, change }] : [];
      })
      // In the order of the tables' keys: neighbouring index entries are written one after the other.
      .sort((a, b) => a.id - b.id);
    const agendas = new Map(known.map(({ account_id, agenda }) => [account_id, agenda]));
    return {
      accounts: numbered,
      agendaChanged: numbered.filter(({ id, change }) => agendas.get(id) !== agendaText(change.agenda)),
    };
  };

  const writeTransactions = async (
    queries: Queries,
    accounts: readonly NumberedChange[],
    groupIds: ReadonlyMap<string, number>,
  ): Promise<void> => {
    const rows = accounts.flatMap(({ id, change }) => change.transactions.map((row) => ({ id, row })));
    if (rows.length === 0) return;
    const plain = (value: (row: TransactionRow) => string | number) =>
      plainArray(rows.map(({ row }) => value(row)));
    const text = (value: (row: TransactionRow) => string | null) =>
      textArray(rows.map(({ row }) => storable(value(row))));
    await queries.execute(statements.insertTransactions, [
      plainArray(rows.map(({ id }) => id)),
      plain((row) => row.revision),
      plain((row) => groupIds.get(groupKey(row)) ?? 'NULL'),
      plain((row) => row.occurredAt),
      plain((row) => row.recordedAt),
      text((row) => row.eventId),
      plain((row) => row.change.included.toString()),
      plain((row) => row.change.purchased.toString()),
      plain((row) => row.change.promotional.toString()),
      plain((row) => row.change.held.toString()),
      plain((row) => row.balance.included.toString()),
      plain((row) => row.balance.purchased.toString()),
      plain((row) => row.balance.promotional.toString()),
      plain((row) => row.balance.held.toString()),
      plain((row) => row.uncovered.toString()),
      text((row) => row.usageSource),
      text((row) => row.usageId),
      text((row) => row.grantId),
      text((row) => row.holdId),
    ]);
    const spans = accounts.flatMap(({ id, change }) =>
      spansOf(change.transactions).map((span) => ({ id, ...span })),
    );
    if (spans.length === 0) return;
    await queries.execute(statements.insertSpans, [
      plainArray(spans.map(({ id }) => id)),
      plainArray(spans.map(({ stretch }) => stretch)),
      plainArray(spans.map(({ earliest }) => new Date(earliest).toISOString())),
      plainArray(spans.map(({ latest }) => new Date(latest).toISOString())),
    ]);
  };

  const writeIds = async (queries: Queries, accounts: readonly NumberedChange[]): Promise<void> => {
    const ids = accounts.flatMap(({ id, change }) =>
      change.ids
        .map((seen) => ({ id, digest: identityDigest(seen.identity), seen }))
        .sort((a, b) => (a.digest < b.digest ? -1 : 1)),
    );
    if (ids.length === 0) return;
    await queries.execute(statements.insertIds, [
      plainArray(ids.map(({ id }) => id)),
      plainArray(ids.map(({ digest }) => digest)),
      plainArray(ids.map(({ seen }) => seen.revision)),
      textArray(ids.map(({ seen }) => seen.fingerprint)),
    ]);
  };

  const writeClosedGrants = async (queries: Queries, accounts: readonly NumberedChange[]): Promise<void> => {
    for (const slice of slices(encodedGrants(accounts), ({ state }) => state.length)) {
      await queries.execute(statements.insertClosedGrants, [
        plainArray(slice.map(({ id }) => id)),
        textArray(slice.map(({ row }) => toStorableText(row.grant.grantId))),
        textArray(slice.map(({ row }) => toStorableText(row.creditSystem))),
        textArray(slice.map(({ state }) => state)),
        stateVersion,
      ]);
    }
  };

  const writeAgenda = async (queries: Queries, accounts: readonly NumberedChange[]): Promise<void> => {
    if (accounts.length === 0) return;
    await queries.execute(statements.clearAgenda, [plainArray(accounts.map(({ id }) => id))]);
    const items = accounts.flatMap(({ id, change }) => change.agenda.map((item) => ({ id, item })));
    if (items.length === 0) return;
    await queries.execute(statements.insertAgenda, [
      textArray(items.map(({ item }) => agendaQueue(item))),
      plainArray(items.map(({ item }) => item.at)),
      plainArray(items.map(({ id }) => id)),
      textArray(items.map(({ item }) => toStorableText(item.creditSystem ?? ''))),
    ]);
  };

  return async (batch) => {
    const transactions = batch.changes.flatMap((change) => change.transactions);
    const { byKey: groupIds, dictionary } = await groups.numbersOf(transactions);
    await db.transaction(async (queries) => {
      const current = await moveCheckpoint(queries, batch);
      if (transactions.length > 0 && current !== dictionary) {
        groups.forget();
        throw madeAnew(schema);
      }
      if (batch.changes.length === 0) return;
      const { accounts, agendaChanged } = await writeAccounts(queries, batch);
      await writeTransactions(queries, accounts, groupIds);
      await writeIds(queries, accounts);
      await writeClosedGrants(queries, accounts);
      await writeAgenda(queries, agendaChanged);
    });
  };
}

function* encodedAccounts(changes: readonly (readonly [string, AccountChange])[]): Generator<EncodedAccount> {
  for (const [customerId, { row, agenda }] of changes) {
    yield { customerId, row, agenda: agendaText(agenda), state: encodeAccountState(row.state) };
  }
}

function lengthOfAccount({ agenda, state }: EncodedAccount): number {
  return agenda.length + state.length;
}

function* encodedGrants(accounts: readonly NumberedChange[]): Generator<EncodedGrant> {
  for (const { id, change } of accounts) {
    for (const row of change.closedGrants) yield { id, row, state: encodeGrant(row.grant) };
  }
}

function storable(text: string | null): string | null {
  return text === null ? null : toStorableText(text);
}
