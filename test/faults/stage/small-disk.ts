import { execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { leaveNothing } from './leave-nothing.js';

const run = promisify(execFile);

/** A file system of its own that can be filled to the last byte. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes all space that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  release(): Promise<void>;
}

const CHUNK = Buffer.alloc(64 * 1024);

/** Why no small disk can be made here; undefined when it can. */
export function whyNoSmallDisk(): string | undefined {
  if (process.platform === 'linux' && userInfo().uid === 0) return undefined;
  return 'a full disk is a small tmpfs, and only root on Linux may mount one';
}

/** @throws Error when it cannot be mounted */
export async function createSmallDisk(megabytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'purser-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  const isGone = leaveNothing(() => {
    // Lazily: whoever still has a file open there is on its way out.
    spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => fillUp(filler),
    free: () => rm(filler, { force: true }),
    release: async () => {
      await run('umount', [folder]);
      await rm(folder, { recursive: true });
      isGone();
    },
  };
}

async function fillUp(path: string): Promise<void> {
  const file = await open(path, 'a');
  try {
    // Smaller and smaller pieces, until not even one byte fits.
    for (let size = CHUNK.length; size >= 1;) {
      try {
        await file.write(CHUNK, 0, size);
      } catch (error) {
        // By its shape: under Jest the errors of Node are of another realm.
        if ((error as { code?: unknown }).code !== 'ENOSPC') throw error;
        size = Math.floor(size / 16);
      }
    }
  } finally {
    await file.close();
  }
}
