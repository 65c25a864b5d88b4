import { ACCOUNTS_PROJECTOR, projectThrough } from '#read-side';
import type { ReadStore } from '#read-store';
import type { Arguments } from '../arguments.js';
import { compareAccounts, compareStores, type Difference } from '../compare-stores.js';
import { Progress } from '../output/progress.js';
import { printable } from '../output/rows.js';
import { openRebuiltStore } from '../rebuilt-store.js';
import { EXIT, type Exit, type Run } from '../run.js';
import { openLiveViews } from '../stores.js';

/** Differences are told account by account, but not without end. */
const MAX_TOLD = 100;

/** The live store goes on while it is compared: what differs is looked at again this often. */
const LOOK_AGAIN = 5;

/** Folds the journal anew into a second read store and compares it with the live one, row for row. */
export async function rebuild({ into, stores }: Arguments, run: Run): Promise<Exit> {
  const rebuilt = await openRebuiltStore(into);
  let outcome: 'whole' | 'broken off' = 'broken off';
  try {
    const live = await openLiveViews(stores);
    try {
      const exit = await rebuildBeside(live, rebuilt.store, run);
      outcome = 'whole';
      return exit;
    } finally {
      await live.close();
    }
  } finally {
    await rebuilt.close(outcome);
  }
}

async function rebuildBeside(live: ReadStore, rebuilt: ReadStore, run: Run): Promise<Exit> {
  const progress = new Progress('folded', run.err, run.showProgress);
  if ((await catchUp(live, rebuilt, run, progress)) === undefined) {
    await run.out('the live read store is empty: nothing to compare with\n');
    return EXIT.found;
  }
  let accounts = 0;
  let differing = 0;
  for await (const first of compareStores(live, rebuilt, (count) => (accounts += count))) {
    const difference = await lookAgain(first, live, rebuilt, run, progress);
    if (!difference) continue;
    differing += 1;
    if (differing <= MAX_TOLD) await tell(difference, run);
  }
  progress.done();
  if (differing > MAX_TOLD) await run.out(`and ${differing - MAX_TOLD} accounts more\n`);
  await run.out(
    `${accounts} accounts, ${progress.count} events folded anew: ` +
      `${differing === 0 ? 'the live read store is the same, row for row' : `${differing} accounts differ`}\n`,
  );
  return differing === 0 ? EXIT.ok : EXIT.found;
}

/** Brings the rebuilt store to where the live one is now; undefined: the live one has projected nothing yet. */
async function catchUp(
  live: ReadStore,
  rebuilt: ReadStore,
  { journal }: Run,
  progress: Progress,
): Promise<bigint | undefined> {
  const through = await live.checkpoint(ACCOUNTS_PROJECTOR);
  if (through === undefined) return undefined;
  await projectThrough({
    eventStore: journal,
    readStore: rebuilt,
    through,
    onProgress: (events) => progress.add(events),
  });
  return through;
}

/** A difference that goes away once both have the same events was only the time between two looks. */
async function lookAgain(
  first: Difference,
  live: ReadStore,
  rebuilt: ReadStore,
  run: Run,
  progress: Progress,
): Promise<Difference | undefined> {
  let difference: Difference | undefined = first;
  for (let looks = 0; difference && looks < LOOK_AGAIN; looks += 1) {
    await catchUp(live, rebuilt, run, progress);
    const again: AsyncGenerator<Difference> = compareAccounts(live, rebuilt, [first.customerId]);
    difference = undefined;
    for await (const found of again) difference = found;
  }
  return difference;
}

async function tell({ customerId, live, rebuilt }: Difference, { out }: Run): Promise<void> {
  await out(`${printable(customerId)}:\n  live    ${shown(live)}\n  rebuilt ${shown(rebuilt)}\n`);
}

function shown(line: string | undefined): string {
  if (line === undefined) return 'nothing';
  return printable(line.length > 400 ? `${line.slice(0, 400)}…` : line);
}
