import { openMemoryEventStore } from './memory.js';
import { describeEventStore } from './contract.js';

describeEventStore('memory', () => {
  const store = openMemoryEventStore();
  // Another handle shares the data; closing it must not close the first.
  const another = { ...store, close: () => Promise.resolve() };
  return Promise.resolve({ store, openAnother: () => Promise.resolve(another), close: () => store.close() });
});
