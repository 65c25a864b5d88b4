import { describeReadStore } from './contract/index.js';
import { MemoryReadData, openMemoryReadStore } from './memory-read-store.js';

describeReadStore('memory', () => {
  const data = new MemoryReadData();
  return Promise.resolve({
    open: (options) => Promise.resolve(openMemoryReadStore({ data, ...options })),
    destroy: () => Promise.resolve(),
  });
});
