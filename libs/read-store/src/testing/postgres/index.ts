export { acquirePostgres, type AcquireOptions, type PostgresServer } from './acquire-postgres.js';
