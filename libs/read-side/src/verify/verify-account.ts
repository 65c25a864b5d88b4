import { accountStream, decodeAccountEvent } from '#contracts';
import { findCreditSystem, type AccountEvent, type Catalog } from '#domain';
import type { EventStore } from '#event-store';
import type { BookRules } from './account-book.js';
import { AccountVerifier, type Verification } from './account-verifier.js';
import { ReversalVerifier } from './reversal-verifier.js';

/** The tolerance of clocks that the ledger decides with unless told otherwise (docs/domain.md). */
const CLOCK_SKEW_MS = 5_000;

/** The rules a verifier counts by: the scales of the credit systems come from the catalog. */
export function bookRules(catalog: Catalog, clockSkewMs = CLOCK_SKEW_MS): BookRules {
  return { clockSkewMs, scaleOf: (creditSystem) => findCreditSystem(catalog, creditSystem)?.scale };
}

/** Examines the whole stream of one account; an account without a stream has no events and no findings. */
export async function verifyAccount(
  store: EventStore,
  customerId: string,
  rules: BookRules,
  signal?: AbortSignal,
): Promise<Verification> {
  const verifier = new AccountVerifier(customerId, rules);
  for await (const batch of store.readStream(accountStream(customerId))) {
    signal?.throwIfAborted();
    for (const recorded of batch) verifier.check(recorded);
  }
  if (verifier.reversed.size > 0) await verifyReversals(store, customerId, verifier, signal);
  return verifier.finish();
}

async function verifyReversals(
  store: EventStore,
  customerId: string,
  verifier: AccountVerifier,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reversals = new ReversalVerifier(verifier.reversed);
  // What is appended meanwhile was not examined, and may reverse what the first pass did not remember.
  for await (const batch of store.readStream(accountStream(customerId), { limit: verifier.events })) {
    signal?.throwIfAborted();
    for (const { revision, type, data } of batch) {
      const event = DEBITS.has(type) ? readable(type, data) : undefined;
      if (event) reversals.check(event, (check, message) => verifier.find(revision, check, message));
    }
  }
}

const DEBITS: ReadonlySet<string> = new Set<AccountEvent['type']>([
  'CreditsDebited',
  'UsageUncovered',
  'DebitReversed',
]);

/** What cannot be read was a finding of the first pass. */
function readable(type: string, data: Uint8Array): AccountEvent | undefined {
  try {
    return decodeAccountEvent(type, data);
  } catch {
    return undefined;
  }
}
