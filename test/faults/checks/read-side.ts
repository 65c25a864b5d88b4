import { join } from 'node:path';
import type { rpc } from '#contracts';
import type { EventStore } from '#event-store';
import { connectService } from '#platform';
import { projectThrough } from '#read-side';
import type { ReadStore } from '#read-store';
import { openEmbeddedReadStore } from '#read-store/embedded';
import { dumpReadStore } from '#read-store/testing';
import type { LedgerTruth } from './ledger-truth.js';

/** True when the read store has come as far as the journal, otherwise in words. */
export async function projected(readStore: ReadStore, { heads }: LedgerTruth): Promise<true | string> {
  const rows = await readStore.accounts([...heads.keys()]);
  const behind = [...heads].filter(([customerId, revision]) => rows.get(customerId)?.revision !== revision);
  const [first] = behind;
  if (!first) return true;
  const [customerId, revision] = first;
  return `${behind.length} accounts; ${customerId} is at ${String(rows.get(customerId)?.revision)} of ${revision}`;
}

/** Folds the journal anew beside the live read store, and compares the two row by row. */
export async function compareWithRebuild(
  eventStore: EventStore,
  live: ReadStore,
  { position }: LedgerTruth,
  folder: string,
): Promise<string[]> {
  const rebuilt = openEmbeddedReadStore({ path: join(folder, 'rebuilt.db') });
  try {
    await projectThrough({ eventStore, readStore: rebuilt, through: position });
    return await difference(dumpReadStore(live), dumpReadStore(rebuilt));
  } finally {
    await rebuilt.close();
  }
}

async function difference(live: AsyncGenerator<string>, rebuilt: AsyncGenerator<string>): Promise<string[]> {
  const faults: string[] = [];
  for (let rows = 0; faults.length < 5; rows++) {
    const [left, right] = [await live.next(), await rebuilt.next()];
    if (left.done === true && right.done === true) return faults;
    if (left.value !== right.value) {
      faults.push(
        `row ${rows} of the read store: live ${String(left.value)}, rebuilt ${String(right.value)}`,
      );
    }
  }
  return faults;
}

/** The second set of books on every account: chain, revisions, conservation, each debit's draws. */
export async function verifyAccounts(queryAddress: string, { heads }: LedgerTruth): Promise<string[]> {
  const client = connectService<rpc.AuditService>('AuditService', queryAddress);
  const faults: string[] = [];
  try {
    for (const [customerId, revision] of heads) {
      const verdict = await client.call.verifyAccount({ customerId });
      for (const { check, message, revision: at } of verdict.findings.slice(0, 3)) {
        faults.push(`${customerId} revision ${at}: ${check}: ${message}`);
      }
      if (verdict.eventsChecked !== revision + 1) {
        faults.push(`${customerId}: ${verdict.eventsChecked} events verified of ${revision + 1}`);
      }
      if (!verdict.clean && verdict.findings.length === 0) faults.push(`${customerId} is not clean`);
    }
  } finally {
    client.close();
  }
  return faults;
}
