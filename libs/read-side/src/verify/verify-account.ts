import { accountStream, decodeAccountEvent } from '#contracts';
import { findCreditSystem, type AccountEvent, type Catalog } from '#domain';
import { pastDamage, type EventsDamaged, type EventStore, type RecordedEvent } from '#event-store';
import { LiveCatalog } from '#journal';
import type { BookRules } from './account-book.js';
import { AccountVerifier, type Verification } from './account-verifier.js';
import { ReversalVerifier } from './reversal-verifier.js';

/** The tolerance of clocks that the ledger decides with unless told otherwise (docs/domain.md). */
const CLOCK_SKEW_MS = 5_000;

/**
 * The rules a verifier counts by: the scales of the credit systems come from the catalog.
 * @param catalog undefined: it cannot be read
 */
export function bookRules(catalog: Catalog | undefined, clockSkewMs = CLOCK_SKEW_MS): BookRules {
  if (!catalog) return { clockSkewMs };
  return { clockSkewMs, scaleOf: (creditSystem) => findCreditSystem(catalog, creditSystem)?.scale };
}

/** Examines the whole stream of one account; an account without a stream has no events and no findings. */
export async function verifyAccount(
  store: EventStore,
  customerId: string,
  rules: BookRules,
  signal?: AbortSignal,
): Promise<Verification> {
  let verifier = await examined(store, customerId, rules, signal);
  if (verifier.knowsTooLittle) {
    // The account may be younger than the catalog that was read.
    const catalog = await new LiveCatalog(store).refresh();
    verifier = await examined(store, customerId, bookRules(catalog, rules.clockSkewMs), signal);
  }
  return verifier.finish();
}

async function examined(
  store: EventStore,
  customerId: string,
  rules: BookRules,
  signal: AbortSignal | undefined,
): Promise<AccountVerifier> {
  const verifier = new AccountVerifier(customerId, rules);
  const batches = streamPastDamage(store, customerId, (damaged) => verifier.damaged(damaged));
  for await (const batch of batches) {
    signal?.throwIfAborted();
    for (const recorded of batch) verifier.check(recorded);
  }
  if (verifier.reversed.size > 0) await verifyReversals(store, customerId, verifier, signal);
  return verifier;
}

async function verifyReversals(
  store: EventStore,
  customerId: string,
  verifier: AccountVerifier,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reversals = new ReversalVerifier(verifier.reversed);
  // What is damaged was a finding of the first pass.
  for await (const batch of streamPastDamage(store, customerId, () => undefined)) {
    signal?.throwIfAborted();
    for (const { revision, type, data } of batch) {
      // What is appended meanwhile was not examined, and may reverse what the first pass did not remember.
      if (revision > verifier.revision) return;
      const event = DEBITS.has(type) ? readable(type, data) : undefined;
      if (event) reversals.check(event, (check, message) => verifier.find(revision, check, message));
    }
  }
}

function streamPastDamage(
  store: EventStore,
  customerId: string,
  tell: (damaged: EventsDamaged) => void,
): AsyncIterable<readonly RecordedEvent[]> {
  const stream = accountStream(customerId);
  return pastDamage(
    (damaged) => store.readStream(stream, { from: damaged ? damaged.revision + 1 : 0 }),
    tell,
  );
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
