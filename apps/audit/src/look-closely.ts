import { setImmediate as turn } from 'node:timers/promises';
import type { AccountRow } from '#projections';
import { ACCOUNTS_PROJECTOR } from '#read-side';
import type { ReadStore } from '#read-store';
import { historyLines, projectedThrough, standingLines } from './account-lines.js';
import { firstDifference, type Difference } from './compare-stores.js';

/** Looks at an account that goes on, until it stands still for the few statements that a look takes. */
const LOOKS = 50;

export interface CloseLook {
  readonly difference: Difference | undefined;
  /** Why only the account's history was compared; undefined: all of it was. */
  readonly uncompared: string | undefined;
}

/** How the live store's account stood at one moment. */
interface Standing {
  readonly lines: readonly string[];
  readonly revision: number;
  /** How far the store was then. */
  readonly checkpoint: bigint | undefined;
  readonly uncompared: string | undefined;
}

/**
 * Compares an account of a live store that goes on meanwhile: how it stood at one moment, and what had happened until
 * then. The rebuilt store is brought to that very moment; so what differs does not differ by the time between two looks.
 *
 * @param catchUp brings the rebuilt store to a checkpoint of the live one
 */
export async function lookClosely(
  customerId: string,
  live: ReadStore,
  rebuilt: ReadStore,
  catchUp: (checkpoint: bigint) => Promise<void>,
): Promise<CloseLook> {
  const { lines, revision, checkpoint, uncompared } = await standingStill(live, customerId);
  if (checkpoint !== undefined) await catchUp(checkpoint);
  const lived = uncompared === undefined ? lines : [];
  const expected =
    uncompared === undefined
      ? await standingLines(rebuilt, customerId, await rowOf(rebuilt, customerId))
      : [];
  const parting = await firstDifference(
    joined(lived, historyLines(live, customerId, revision)),
    joined(expected, historyLines(rebuilt, customerId, revision)),
  );
  return { difference: parting && { customerId, ...parting }, uncompared };
}

async function standingStill(live: ReadStore, customerId: string): Promise<Standing> {
  for (let looks = 1; ; looks += 1) {
    const row = await rowOf(live, customerId);
    const lines = await standingLines(live, customerId, row);
    const revision = row?.revision ?? (await projectedThrough(live, customerId));
    const checkpoint = await live.checkpoint(ACCOUNTS_PROJECTOR);
    // The same row before and after: everything in between goes with it, the checkpoint too.
    const still = (await rowOf(live, customerId))?.revision === row?.revision;
    const uncompared = still
      ? hiddenFrom(row, revision)
      : 'went on all the time; only its history was compared';
    if (still || looks === LOOKS) return { lines, revision, checkpoint, uncompared };
    await turn();
  }
}

function hiddenFrom(row: AccountRow | undefined, revision: number): string | undefined {
  if (row || revision < 0) return undefined;
  return 'kept in the shape of another version; only its history was compared';
}

async function rowOf(store: ReadStore, customerId: string): Promise<AccountRow | undefined> {
  return (await store.accounts([customerId])).get(customerId);
}

async function* joined(lines: readonly string[], more: AsyncGenerator<string>): AsyncGenerator<string> {
  yield* lines;
  yield* more;
}
