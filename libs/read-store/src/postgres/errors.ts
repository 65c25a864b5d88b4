import { DatabaseError } from 'pg';
import { ReadStoreUnavailable, ReadStoreUnusable } from '../port.js';

/**
 * SQLSTATEs that pass by themselves: connection lost (08), out of resources or disk (53), shutting down or
 * starting (57P0x), timed out (57014, 55P03, 57P05, 25P03, 25P04), deadlock or serialisation failure (40), I/O error
 * (58030), a standby that is not the primary yet (25006), a schema that was dropped to be made anew (42P01, 3F000), and
 * a database or a password that worked before and is being replaced (57P04, 3D000, 28000, 28P01).
 */
const PASSING =
  /^(08...|53...|57P0[12345]|57014|55P03|25P03|25P04|40001|40P01|58030|25006|42P01|3F000|3D000|28000|28P01)$/;

/** SQLSTATEs of one who may not log in or may not make the schema, and of a database that is not there. */
const WRONG = /^(28...|3D000|42501)$/;

/**
 * The error to throw instead of one that came out of the client: what the server did not say itself is a matter
 * of the connection (refused, reset, timed out, pool closed).
 */
export function translated(error: unknown): unknown {
  if (error instanceof DatabaseError && !PASSING.test(error.code ?? '')) return error;
  const message = error instanceof Error ? error.message || error.name : String(error);
  return new ReadStoreUnavailable(`PostgreSQL read store: ${message}`, { cause: error });
}

/** At opening, what passes later on is a wrong URL: nothing has worked with it yet. */
export function translatedAtOpening(error: unknown): unknown {
  const said = error instanceof ReadStoreUnavailable ? error.cause : error;
  if (!(said instanceof DatabaseError) || !WRONG.test(said.code ?? '')) return error;
  return new ReadStoreUnusable(`PostgreSQL read store: ${said.message}`, { cause: said });
}
