import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaveNothing } from './leave-nothing.js';

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
const MEGABYTE = 2 ** 20;
const DISK_MB = 256;

/** In a container that may mount nothing, this is a small file system of the container's own. */
const SHARED_MEMORY = '/dev/shm';
const TMPFS = 0x0102_1994;
/** A larger one belongs to a machine that needs it for other things. */
const LARGEST_MB = 512;

interface Place {
  readonly folder: string;
  /** Synchronous, and may be called when half of it is gone. */
  remove(): void;
}

/** Why no small disk can be had here; undefined when one can. */
export function whyNoSmallDisk(): string | undefined {
  const place = mountedDisk() ?? smallSharedMemory();
  place?.remove();
  if (place) return undefined;
  return `a full disk is a small tmpfs: none can be mounted here (root on Linux may), and ${SHARED_MEMORY} is none`;
}

/** @throws Error when there is none: see `whyNoSmallDisk` */
export function createSmallDisk(): SmallDisk {
  const place = mountedDisk() ?? smallSharedMemory();
  if (!place) throw new Error(whyNoSmallDisk());
  const { folder } = place;
  const isGone = leaveNothing(() => {
    place.remove();
  });
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => fillUp(filler),
    free: () => rm(filler, { force: true }),
    release: () => {
      place.remove();
      isGone();
      return Promise.resolve();
    },
  };
}

function mountedDisk(): Place | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'purser-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', folder]);
  const remove = (): void => {
    // Lazily: whoever still has a file open there is on its way out.
    if (mounted.status === 0) spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  };
  if (mounted.status === 0) return { folder, remove };
  remove();
  return undefined;
}

function smallSharedMemory(): Place | undefined {
  if (!existsSync(SHARED_MEMORY)) return undefined;
  const { type, bsize, blocks } = statfsSync(SHARED_MEMORY);
  if (type !== TMPFS || bsize * blocks > LARGEST_MB * MEGABYTE) return undefined;
  const folder = mkdtempSync(join(SHARED_MEMORY, 'purser-disk-'));
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
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
