import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeReadStore } from '../testing/contract/index.js';
import { openEmbeddedReadStore } from './embedded-read-store.js';

describeReadStore('embedded (SQLite)', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'purser-read-store-'));
  return {
    open: (options) =>
      Promise.resolve(openEmbeddedReadStore({ path: join(directory, 'read.db'), ...options })),
    destroy: () => rm(directory, { recursive: true, force: true }),
  };
});
