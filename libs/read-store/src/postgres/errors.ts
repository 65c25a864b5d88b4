import { DatabaseError } from 'pg';
import { ReadStoreUnavailable } from '../port.js';

/**
 * SQLSTATEs that pass by themselves: connection lost (08), out of resources or disk (53), shutting down or
 * starting (57P0x), timed out (57014, 55P03, 57P05, 25P03, 25P04), deadlock or serialisation failure (40), I/O error
 * (58030), a standby that is not the primary yet (25006), and a schema that was dropped to be made anew (42P01, 3F000).
 */
const PASSING = /^(08...|53...|57P0[1235]|57014|55P03|25P03|25P04|40001|40P01|58030|25006|42P01|3F000)$/;

/**
 * The error to throw instead of one that came out of the client: what the server did not say itself is a matter
 * of the connection (refused, reset, timed out, pool closed).
 */
export function translated(error: unknown): unknown {
  if (error instanceof DatabaseError && !PASSING.test(error.code ?? '')) return error;
  const message = error instanceof Error ? error.message || error.name : String(error);
  return new ReadStoreUnavailable(`PostgreSQL read store: ${message}`, { cause: error });
}
