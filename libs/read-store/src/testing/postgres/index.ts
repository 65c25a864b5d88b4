export { acquirePostgres, type PostgresServer } from './acquire-postgres.js';
