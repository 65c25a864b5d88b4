import { outdatedPage, versionedAccount, type StoredVersion } from '../outdated-page.js';
import type { ReadStore } from '../port.js';
import { toStorableText } from '../storable-text.js';
import type { Database } from './database.js';

/** Looks for accounts whose state is of another version; a bounded number of them at a time, since no index has it. */
export function outdatedAccounts(
  db: Database,
  schema: string,
  stateVersion: number,
): Pick<ReadStore, 'outdated'> {
  // No text is below the empty one, and no customer id is empty: the index is begun at one place, whatever the plan.
  const versions = {
    name: 'outdated-accounts',
    text: `SELECT customer_id, revision, state_version FROM ${schema}.accounts
           WHERE customer_id > $1 ORDER BY customer_id LIMIT $2`,
  };
  return {
    async outdated(after, limit) {
      const from = after === undefined ? '' : toStorableText(after);
      const stored = await db.query<StoredVersion>(versions, [from, limit]);
      return outdatedPage(stored.map(versionedAccount), limit, stateVersion);
    },
  };
}
