import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whatever a bench has opened and must close, last opened first. */
export class Resources {
  readonly #closers: (() => Promise<void>)[] = [];

  /** Remembers how to close something. */
  add<T>(resource: T, close: (resource: T) => Promise<void>): T {
    this.#closers.push(() => close(resource));
    return resource;
  }

  /** A temporary folder, removed at the end. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'purser-bench-'));
    return this.add(folder, (path) => rm(path, { recursive: true, force: true }));
  }

  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) await close();
  }
}

const open = new Set<Resources>();

/** For an end before the time: closes whatever any bench has open. */
export async function closeAll(): Promise<void> {
  for (const resources of open) await resources.close();
}

/** Runs with resources, all of which are closed afterwards, however it ends. */
export async function withResources<T>(work: (resources: Resources) => Promise<T>): Promise<T> {
  const resources = new Resources();
  open.add(resources);
  try {
    return await work(resources);
  } finally {
    await resources.close();
    open.delete(resources);
  }
}
