import DataLoader from 'dataloader';
import {
  evolve,
  initialAccount,
  instantFromMs,
  rejection,
  settledAt,
  type AccountState,
  type Instant,
} from '#domain';
import { withoutClosedGrants } from '#domain';
import type { EventStore } from '#event-store';
import { readAccount, type LiveCatalog } from '#journal';
import { Refused, type Clock } from '#platform';
import type { AccountRow } from '#projections';
import type { ReadStore } from '#read-store';
import type { ChangeFeed } from '../feed/change-feed.js';
import { catalogFor } from './known-plans.js';
import type { PublishedHorizon } from './usage-horizon.js';

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

export interface AccountParts {
  readonly readStore: ReadStore;
  readonly eventStore: EventStore;
  readonly catalog: LiveCatalog;
  readonly clock: Clock;
  readonly horizon: PublishedHorizon;
  readonly feed: ChangeFeed;
  /** How long a read waits for its `min_revision` when the call itself has no earlier deadline. */
  readonly maxWaitMs: number;
}

/** A wallet as of the past shows as expired only what had been recorded as expired. */
const NOTHING_CONSUMED: Instant = instantFromMs(0);

/** Reads accounts as they are now, or as they were recorded at a moment of the past. */
export class Accounts {
  readonly #rows: DataLoader<string, AccountRow | undefined>;

  constructor(private readonly parts: AccountParts) {
    const { readStore } = parts;
    this.#rows = new DataLoader(
      async (customerIds) => {
        const rows = await readStore.accounts(customerIds);
        return customerIds.map((customerId) => rows.get(customerId));
      },
      { cache: false, maxBatchSize: 500 },
    );
  }

  /**
   * The account now. `minRevision` waits until the read store has come that far: read your own writes.
   * @throws Refused CUSTOMER_UNKNOWN; RevisionNotVisible
   */
  async now(customerId: string, signal: AbortSignal, minRevision?: number): Promise<ReadAccount> {
    const recorded = await this.#recorded(customerId, signal, minRevision);
    const at = this.parts.clock.now();
    const usageConsumedThrough = await this.parts.horizon.consumedThrough(at);
    return this.#settled(customerId, recorded, at, usageConsumedThrough);
  }

  /**
   * The account as it was at a moment of recorded time, folded from its stream: what a read at that moment would
   * have answered.
   * @throws Refused CUSTOMER_UNKNOWN when nothing of it had been recorded by then
   */
  async asOf(customerId: string, asOf: Instant, signal: AbortSignal): Promise<ReadAccount> {
    const recorded = await this.#folded(customerId, signal, asOf);
    if (recorded.revision < 0) throw unknownCustomer(customerId, `had no account at ${asOf}`);
    return this.#settled(customerId, recorded, asOf, NOTHING_CONSUMED);
  }

  /**
   * Waits until the read store has folded the account up to a revision.
   * @throws RevisionNotVisible
   */
  async waitFor(customerId: string, minRevision: number | undefined, signal: AbortSignal): Promise<void> {
    if (minRevision === undefined) return;
    const row = await this.#rows.load(customerId);
    if ((row?.revision ?? -1) >= minRevision) return;
    await this.parts.feed.waitForRevision(customerId, minRevision, signal, this.parts.maxWaitMs);
  }

  /** @throws Refused CUSTOMER_UNKNOWN */
  async mustExist(customerId: string, signal: AbortSignal): Promise<void> {
    await this.#recorded(customerId, signal, undefined);
  }

  async #recorded(
    customerId: string,
    signal: AbortSignal,
    minRevision: number | undefined,
  ): Promise<Recorded> {
    const { feed, maxWaitMs } = this.parts;
    let row = await this.#rows.load(customerId);
    if (minRevision !== undefined && (row?.revision ?? -1) < minRevision) {
      await feed.waitForRevision(customerId, minRevision, signal, maxWaitMs);
      row = await this.#rows.load(customerId);
    }
    if (row) return row;
    // Not projected yet, or kept in the shape of another version: the stream itself knows.
    const folded = await this.#folded(customerId, signal);
    if (folded.revision < 0) throw unknownCustomer(customerId, 'has no account');
    return folded;
  }

  async #folded(customerId: string, signal: AbortSignal, through?: Instant): Promise<Recorded> {
    let state = initialAccount;
    let revision = -1;
    for await (const batch of readAccount(this.parts.eventStore, customerId)) {
      signal.throwIfAborted();
      for (const { event, revision: own } of batch) {
        // Recorded time never goes back within an account.
        if (through !== undefined && event.recordedAt > through) return { state, revision };
        state = withoutClosedGrants(evolve(state, event));
        revision = own;
      }
    }
    return { state, revision };
  }

  async #settled(
    customerId: string,
    { state, revision }: Recorded,
    at: Instant,
    usageConsumedThrough: Instant,
  ): Promise<ReadAccount> {
    const catalog = await catalogFor(state, this.parts.catalog);
    const settled = settledAt(state, { now: at, usageConsumedThrough, catalog });
    return { customerId, state: settled, revision, at, usageConsumedThrough };
  }
}

interface Recorded {
  readonly state: AccountState;
  readonly revision: number;
}

function unknownCustomer(customerId: string, what: string): Refused {
  return new Refused(rejection('CUSTOMER_UNKNOWN', `customer ${JSON.stringify(customerId)} ${what}`));
}
