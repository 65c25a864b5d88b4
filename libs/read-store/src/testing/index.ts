export { dumpedReadStore, dumpReadStore } from './dump.js';
export { MemoryReadData, openMemoryReadStore, type MemoryReadStoreOptions } from './memory-read-store.js';
export { sampleChange, sampleGrant, sampleRow, sampleState } from './samples.js';
