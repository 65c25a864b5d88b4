export { openPostgresReadStore, type PostgresReadStoreOptions } from './postgres-read-store.js';
