import {
  initialAccount,
  instantFromMs,
  settledAt,
  withoutClosedGrants,
  type AccountState,
  type Instant,
} from '#domain';
import type { EventStore } from '#event-store';
import { foldJournaled, readAccount, type LiveCatalog } from '#journal';
import { catalogFor } from './known-catalog.js';

/** An account for a reader: settled to the moment of reading, recorded up to `revision`. */
export interface ReadAccount {
  readonly customerId: string;
  readonly state: AccountState;
  /** Revision of the last event folded in; settlement for the read is recorded nowhere. */
  readonly revision: number;
  /** The moment that the state is settled to. */
  readonly at: Instant;
  readonly usageConsumedThrough: Instant;
}

/** An account as its events say, and nothing more. */
export interface RecordedAccount {
  readonly state: AccountState;
  /** -1: there is no event. */
  readonly revision: number;
}

const NOTHING_RECORDED: RecordedAccount = { state: initialAccount, revision: -1 };

/** A wallet as of the past shows as expired only what had been recorded as expired. */
const NOTHING_CONSUMED: Instant = instantFromMs(0);

/**
 * The account as it was at a moment of recorded time, folded from its stream: what a read at that moment would have
 * answered. Undefined: nothing of it had been recorded by then.
 */
export async function accountAsOf(
  eventStore: EventStore,
  catalog: LiveCatalog,
  customerId: string,
  asOf: Instant,
  signal?: AbortSignal,
): Promise<ReadAccount | undefined> {
  const recorded = await foldRecorded(eventStore, customerId, { signal, through: asOf });
  if (recorded.revision < 0) return undefined;
  return settledAccount(customerId, recorded, asOf, NOTHING_CONSUMED, catalog);
}

export interface FoldOptions {
  readonly signal?: AbortSignal | undefined;
  /** Where to begin: what is known of the account already. */
  readonly from?: RecordedAccount | undefined;
  /** The moment of recorded time to end at. Default: the end of the stream. */
  readonly through?: Instant;
}

/** Folds an account's stream. */
export async function foldRecorded(
  eventStore: EventStore,
  customerId: string,
  { signal, from = NOTHING_RECORDED, through }: FoldOptions,
): Promise<RecordedAccount> {
  let { state, revision } = from;
  for await (const batch of readAccount(eventStore, customerId, revision + 1)) {
    signal?.throwIfAborted();
    for (const journaled of batch) {
      // Recorded time never goes back within an account.
      if (through !== undefined && journaled.event.recordedAt > through) return { state, revision };
      state = withoutClosedGrants(foldJournaled(state, journaled));
      revision = journaled.revision;
    }
  }
  return { state, revision };
}

export async function settledAccount(
  customerId: string,
  { state, revision }: RecordedAccount,
  at: Instant,
  usageConsumedThrough: Instant,
  catalog: LiveCatalog,
): Promise<ReadAccount> {
  const known = await catalogFor(state, catalog);
  const settled = settledAt(state, { now: at, usageConsumedThrough, catalog: known });
  return { customerId, state: settled, revision, at, usageConsumedThrough };
}
