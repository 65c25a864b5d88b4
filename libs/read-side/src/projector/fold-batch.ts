import { customerOfStream, GENESIS_HASH } from '#contracts';
import type { RecordedEvent } from '#event-store';
import { JournalCorrupt, openRecorded, type JournaledEvent } from '#journal';
import type { AccountChange, AccountRow } from '#projections';
import { latestClosings } from './latest-closings.js';
import { projectJournaled } from './project-journaled.js';
import type { RowCache } from './row-cache.js';

/**
 * Folds a batch of the total order into one change per account. Every event must be chained to the one before:
 * a break means that what is stored is not what was written. Events are decoded account by account, so that each is
 * garbage before the next account's turn, and not all of a large batch in memory at once.
 *
 * @throws JournalCorrupt: a defect, to be stopped at and never skipped
 */
export async function foldBatch(events: readonly RecordedEvent[], rows: RowCache): Promise<AccountChange[]> {
  const byCustomer = groupByCustomer(events);
  const known = await rows.load([...byCustomer.keys()]);
  const changes: AccountChange[] = [];
  for (const [customerId, own] of byCustomer) {
    const first = own[0]?.revision ?? 0;
    const stored = known.get(customerId);
    const { row, closedGrants } = isBehind(stored, first)
      ? await rows.refold(customerId, first - 1)
      : { row: stored, closedGrants: [] };
    const through = row?.revision ?? -1;
    const fresh = own.filter(({ revision }) => revision > through).map(openRecorded);
    if (fresh.length === 0) continue;
    requireChain(customerId, row, fresh);
    const change = projectJournaled(customerId, row, fresh);
    // With the row its closed grants become those of this version: the store takes them for all there are.
    changes.push(
      closedGrants.length === 0
        ? change
        : { ...change, closedGrants: latestClosings([...closedGrants, ...change.closedGrants]) },
    );
  }
  return changes;
}

function groupByCustomer(events: readonly RecordedEvent[]): Map<string, RecordedEvent[]> {
  const byCustomer = new Map<string, RecordedEvent[]>();
  for (const recorded of events) {
    // What is not of an account cannot be opened: that throws, and says why.
    const customerId = customerOfStream(recorded.stream) ?? openRecorded(recorded).customerId;
    const own = byCustomer.get(customerId);
    if (own) own.push(recorded);
    else byCustomer.set(customerId, [recorded]);
  }
  return byCustomer;
}

/**
 * Whether a row is missing, or has come less far than the checkpoint says (the read store is being rebuilt by
 * another projector): then it is folded again from the stream.
 */
function isBehind(row: AccountRow | undefined, first: number): boolean {
  return (row?.revision ?? -1) < first - 1;
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
