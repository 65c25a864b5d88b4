// The contract suite is not here: it needs Jest, and this folder is also used by programs (simulator, benchmarks).
export { openMemoryEventStore, type MemoryEventStoreOptions } from './memory.js';
export { anEvent, someEvents } from './events.js';
