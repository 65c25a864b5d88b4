import type { OutdatedPage } from './port.js';
import { fromStorableText } from './storable-text.js';

/** An account as a store finds it in the order of customer ids. */
export interface VersionedAccount {
  readonly customerId: string;
  readonly revision: number;
  readonly stateVersion: number;
}

/** The same as the row of a table. */
export interface StoredVersion {
  readonly customer_id: string;
  readonly revision: number;
  readonly state_version: number;
}

export function versionedAccount({ customer_id, revision, state_version }: StoredVersion): VersionedAccount {
  return { customerId: fromStorableText(customer_id), revision, stateVersion: state_version };
}

/** The answer to a look through `limit` accounts, all that there were after the place it began at. */
export function outdatedPage(
  looked: readonly VersionedAccount[],
  limit: number,
  stateVersion: number,
): OutdatedPage {
  return {
    accounts: looked
      .filter((account) => account.stateVersion !== stateVersion)
      .map(({ customerId, revision }) => ({ customerId, revision })),
    next: looked.length < limit ? undefined : looked.at(-1)?.customerId,
  };
}
