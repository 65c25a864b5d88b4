export * from './open-dead-letters.js';
export * from './open-event-publisher.js';
export * from './open-event-store.js';
export * from './open-read-store.js';
export * from './open-usage-stream.js';
