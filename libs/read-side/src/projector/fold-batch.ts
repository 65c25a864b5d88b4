import { GENESIS_HASH } from '#contracts';
import type { RecordedEvent } from '#event-store';
import { JournalCorrupt, openRecorded, type JournaledEvent } from '#journal';
import { projectAccount, type AccountChange, type AccountRow } from '#projections';
import type { RowCache } from './row-cache.js';

/**
 * Folds a batch of the total order into one change per account. Every event must be chained to the one before:
 * a break means that what is stored is not what was written.
 *
 * @throws JournalCorrupt, or Error from a projection: a defect either way, to be stopped at and never skipped
 */
export async function foldBatch(events: readonly RecordedEvent[], rows: RowCache): Promise<AccountChange[]> {
  const byCustomer = new Map<string, JournaledEvent[]>();
  for (const recorded of events) {
    const journaled = openRecorded(recorded);
    const own = byCustomer.get(journaled.customerId);
    if (own) own.push(journaled);
    else byCustomer.set(journaled.customerId, [journaled]);
  }
  const known = await rows.load([...byCustomer.keys()]);
  const changes: AccountChange[] = [];
  for (const [customerId, own] of byCustomer) {
    const first = own[0]?.revision ?? 0;
    const row = await rowBefore(first, customerId, known.get(customerId), rows);
    const fresh = own.filter(({ revision }) => revision > (row?.revision ?? -1));
    if (fresh.length === 0) continue;
    requireChain(customerId, row, fresh);
    changes.push(projectAccount(customerId, row, fresh));
  }
  return changes;
}

/**
 * The row that the event at revision `first` is to be folded into. One that is missing, or has come less far than
 * the checkpoint says (the read store is being rebuilt by another projector), is folded again from the stream.
 */
async function rowBefore(
  first: number,
  customerId: string,
  row: AccountRow | undefined,
  rows: RowCache,
): Promise<AccountRow | undefined> {
  const behind = (row?.revision ?? -1) < first - 1;
  return behind ? rows.refold(customerId, first - 1) : row;
}

function requireChain(
  customerId: string,
  row: AccountRow | undefined,
  events: readonly JournaledEvent[],
): void {
  let last = { revision: row?.revision ?? -1, hash: row?.headHash ?? GENESIS_HASH };
  for (const { revision, previousHash, hash } of events) {
    if (revision !== last.revision + 1 || previousHash !== last.hash) {
      throw new JournalCorrupt(
        `account ${customerId}: the event at revision ${revision} follows hash ${previousHash}, ` +
          `but revision ${last.revision} has hash ${last.hash}`,
      );
    }
    last = { revision, hash };
  }
}
