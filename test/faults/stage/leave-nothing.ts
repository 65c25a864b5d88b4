import { rmSync } from 'node:fs';

const left = new Set<() => void>();

/**
 * What has to be tidied up even when this process is ended in the middle of it all (Ctrl-C, a supervisor's SIGTERM).
 * `tidy` runs at the very end, synchronously. Returns how to call it off, once it has been done in order.
 */
export function leaveNothing(tidy: () => void): () => void {
  left.add(tidy);
  return () => left.delete(tidy);
}

export const removeFolder =
  (folder: string): (() => void) =>
  () => {
    rmSync(folder, { recursive: true, force: true });
  };

process.once('exit', () => {
  // The newest first: processes before the folders they write to.
  for (const tidy of [...left].reverse()) tidy();
});
