import type { Database } from 'better-sqlite3';
import { outdatedPage, versionedAccount, type StoredVersion } from '../outdated-page.js';
import type { OutdatedPage } from '../port.js';
import { toStorableText } from '../storable-text.js';

/** Looks for accounts whose state is of another version; a bounded number of them at a time, since no index has it. */
export function outdatedAccounts(
  db: Database,
  stateVersion: number,
): (after: string | undefined, limit: number) => OutdatedPage {
  // No text is below the empty one, and no customer id is empty. +?, because SQLite plans a query anew whenever a bare
  // parameter of LIMIT is bound.
  const versions = db.prepare<[string, number], StoredVersion>(
    'SELECT customer_id, revision, state_version FROM accounts WHERE customer_id > ? ORDER BY customer_id LIMIT +?',
  );
  return (after, limit) => {
    const stored = versions.all(after === undefined ? '' : toStorableText(after), limit);
    return outdatedPage(stored.map(versionedAccount), limit, stateVersion);
  };
}
