import pg from 'pg';
import { ReadStoreUnusable } from '../port.js';

const MAX_PORT = 65_535;

const ESCAPED = 'in a name or password, : / ? # @ % are written %3A %2F %3F %23 %40 %25';

/**
 * Reads the URL as each connection will, without connecting: one that cannot be read would be read again and again, as
 * if a server were away.
 * @throws ReadStoreUnusable naming what is wrong, and no password
 */
export function checkUrl(url: string): void {
  const { port } = clientOf(url);
  if (!(port >= 1 && port <= MAX_PORT)) refuse(`the port must be from 1 to ${MAX_PORT}`);
}

function clientOf(url: string): pg.Client {
  try {
    return new pg.Client({ connectionString: url });
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException;
    // Some of these errors have the URL in them: none goes on as a cause.
    if (name === 'URIError') refuse(`a % escapes nothing; ${ESCAPED}`);
    if (code === 'ERR_INVALID_URL')
      refuse(`it cannot be read; the port must be from 1 to ${MAX_PORT}, and ${ESCAPED}`);
    refuse(message);
  }
}

function refuse(problem: string): never {
  throw new ReadStoreUnusable(`the URL of PostgreSQL: ${problem}`);
}
