/** A real PostgreSQL for end-to-end and fault tests; the read store's own suite uses the same. */
export { acquirePostgres, type AcquireOptions, type PostgresServer } from '#read-store/testing/postgres';
