export { openEmbeddedEventStore, type EmbeddedEventStoreOptions } from './open.js';
