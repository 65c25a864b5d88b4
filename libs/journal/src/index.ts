export { ACCOUNT_STREAM_PREFIX, accountStream, CATALOG_STREAM } from '#contracts';
export * from './chain.js';
export * from './account-journal.js';
export { corrupt, JournalCorrupt } from './journal-corrupt.js';
export * from './knows-terms-of.js';
export * from './live-catalog.js';
