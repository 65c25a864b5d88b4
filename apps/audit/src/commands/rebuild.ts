import { ACCOUNTS_PROJECTOR, projectThrough } from '#read-side';
import type { ReadStore } from '#read-store';
import type { Arguments } from '../arguments.js';
import { compareStores, type Difference } from '../compare-stores.js';
import { lookClosely } from '../look-closely.js';
import { Progress } from '../output/progress.js';
import { printable } from '../output/rows.js';
import { openRebuiltStore } from '../rebuilt-store.js';
import { EXIT, type Exit, type Run } from '../run.js';
import { openLiveViews } from '../stores.js';

const MAX_TOLD = 100;

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

/** Compares a live store, which may go on meanwhile, with one to fold into. */
export async function rebuildBeside(live: ReadStore, rebuilt: ReadStore, run: Run): Promise<Exit> {
  const progress = new Progress('folded', run.err, run.showProgress);
  const catchUp = (through: bigint): Promise<void> =>
    projectThrough({
      eventStore: run.journal,
      readStore: rebuilt,
      through,
      onProgress: (events) => progress.add(events),
    });
  const through = await live.checkpoint(ACCOUNTS_PROJECTOR);
  if (through === undefined) {
    await run.out('the live read store is empty: nothing to compare with\n');
    return EXIT.found;
  }
  await catchUp(through);
  let accounts = 0;
  const differing = new Told(run);
  const uncompared = new Told(run);
  for await (const { customerId } of compareStores(live, rebuilt, (count) => (accounts += count))) {
    const look = await lookClosely(customerId, live, rebuilt, catchUp);
    if (look.difference) await differing.tell(textOf(look.difference));
    else if (look.uncompared !== undefined)
      await uncompared.tell(`${printable(customerId)}: ${look.uncompared}\n`);
  }
  progress.done();
  await differing.tellRest();
  await uncompared.tellRest();
  const same = 'the live read store is the same, row for row';
  const compared = differing.count === 0 ? same : `${differing.count} accounts differ`;
  const rest =
    uncompared.count === 0 ? '' : `; of ${uncompared.count} accounts only the history was compared`;
  await run.out(`${accounts} accounts, ${progress.count} events folded anew: ${compared}${rest}\n`);
  return differing.count === 0 ? EXIT.ok : EXIT.found;
}

/** What is told account by account, but not without end. */
class Told {
  #count = 0;

  constructor(private readonly run: Run) {}

  get count(): number {
    return this.#count;
  }

  async tell(text: string): Promise<void> {
    this.#count += 1;
    if (this.#count <= MAX_TOLD) await this.run.out(text);
  }

  async tellRest(): Promise<void> {
    if (this.#count > MAX_TOLD) await this.run.out(`and ${this.#count - MAX_TOLD} accounts more\n`);
  }
}

function textOf({ customerId, live, rebuilt }: Difference): string {
  return `${printable(customerId)}:\n  live    ${shown(live)}\n  rebuilt ${shown(rebuilt)}\n`;
}

function shown(line: string | undefined): string {
  if (line === undefined) return 'nothing';
  return printable(line.length > 400 ? `${line.slice(0, 400)}…` : line);
}
