import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReadStore } from '#adapters';
import type { ReadStore } from '#read-store';
import { onceSignalled } from './once-signalled.js';
import { WrongArguments } from './wrong-arguments.js';

/** A read store to fold into. */
export interface RebuiltStore {
  readonly store: ReadStore;
  /** Closes it; a file that was asked for gets its name once it is whole. */
  close(outcome: 'whole' | 'broken off'): Promise<void>;
}

/**
 * Opens a store of its own. Whatever ends the run, no half of a file stands where a whole one was asked for, and
 * nothing is left in the temporary folder.
 *
 * @param into undefined: nobody wants to keep it
 * @throws WrongArguments there is such a file already
 */
export async function openRebuiltStore(into: string | undefined): Promise<RebuiltStore> {
  if (into === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'purser-rebuild-'));
    return opened(join(folder, 'read.db'), () => rmSync(folder, { recursive: true, force: true }));
  }
  if (existsSync(into)) throw new WrongArguments(`--into ${into}: the file exists already`);
  const unfinished = `${into}.unfinished`;
  const clearAway = (): void => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(unfinished + suffix, { force: true });
  };
  // What a run left behind that could not clear away.
  clearAway();
  return opened(unfinished, clearAway, () => renameSync(unfinished, into));
}

async function opened(path: string, clearAway: () => void, keep = clearAway): Promise<RebuiltStore> {
  const deaf = onceSignalled(clearAway);
  try {
    const store = await openReadStore(`sqlite:${path}`);
    const close = async (outcome: 'whole' | 'broken off'): Promise<void> => {
      await store.close();
      if (outcome === 'whole') keep();
      else clearAway();
      deaf();
    };
    return { store, close };
  } catch (error) {
    clearAway();
    deaf();
    throw error;
  }
}
