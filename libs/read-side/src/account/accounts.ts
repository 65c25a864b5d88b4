import DataLoader from 'dataloader';
import { earlier, rejection, type Instant } from '#domain';
import type { EventStore } from '#event-store';
import type { LiveCatalog } from '#journal';
import { Refused, type Clock } from '#platform';
import type { AccountRow } from '#projections';
import type { ReadStore } from '#read-store';
import type { ChangeFeed } from '../feed/change-feed.js';
import { RevisionNotVisible } from '../feed/errors.js';
import type { Caller } from './caller.js';
import type { Freshness } from './freshness.js';
import {
  accountAsOf,
  foldRecorded,
  settledAccount,
  type ReadAccount,
  type RecordedAccount,
} from './read-account.js';
import type { PublishedHorizon } from './published-horizon.js';

export interface AccountParts {
  readonly readStore: ReadStore;
  readonly eventStore: EventStore;
  readonly catalog: LiveCatalog;
  readonly clock: Clock;
  readonly horizon: PublishedHorizon;
  readonly feed: ChangeFeed;
  readonly freshness: Freshness;
  /** How long a read waits for its `min_revision` when the call itself has no earlier deadline. */
  readonly maxWaitMs: number;
}

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
  async now(customerId: string, caller: Caller, minRevision?: number): Promise<ReadAccount> {
    const recorded = await this.#recorded(customerId, caller, minRevision);
    const at = this.parts.clock.now();
    const usageConsumedThrough = await this.parts.horizon.consumedThrough(at);
    return settledAccount(customerId, recorded, at, usageConsumedThrough, this.parts.catalog);
  }

  /**
   * The account as it was at a moment of recorded time, folded from its stream: what a read at that moment would
   * have answered. A moment still to come is taken for now.
   * @throws Refused CUSTOMER_UNKNOWN when nothing of it had been recorded by then
   */
  async asOf(customerId: string, asOf: Instant, caller: Caller): Promise<ReadAccount> {
    const { eventStore, catalog, clock } = this.parts;
    // Nothing was recorded in the future, and as many renewals lie in it as the reader cares to ask for.
    const at = earlier(asOf, clock.now());
    const account = await accountAsOf(eventStore, catalog, customerId, at, caller.signal);
    if (!account) throw unknownCustomer(customerId, `had no account at ${asOf}`);
    return account;
  }

  /**
   * Waits until the read store has folded the account up to a revision.
   * @throws RevisionNotVisible
   */
  async waitFor(customerId: string, minRevision: number | undefined, caller: Caller): Promise<void> {
    if (minRevision === undefined) return;
    const row = await this.#rows.load(customerId);
    if ((row?.revision ?? -1) >= minRevision) return;
    await this.parts.feed.waitForRevision(customerId, minRevision, caller.signal, this.parts.maxWaitMs);
  }

  /** @throws Refused CUSTOMER_UNKNOWN */
  async mustExist(customerId: string, caller: Caller): Promise<void> {
    await this.#recorded(customerId, caller);
  }

  /** Whether what the read store has not got may exist all the same. */
  get areFarBehind(): boolean {
    return this.parts.freshness.isFarBehind();
  }

  async #recorded(customerId: string, caller: Caller, minRevision = -1): Promise<RecordedAccount> {
    const { eventStore, feed, freshness, maxWaitMs } = this.parts;
    const { signal } = caller;
    let row = await this.#rows.load(customerId);
    if (minRevision > (row?.revision ?? -1) && !freshness.isFarBehind()) {
      await feed.waitForRevision(customerId, minRevision, signal, maxWaitMs);
      row = await this.#rows.load(customerId);
    }
    if (row && !freshness.isFarBehind()) return row;
    // Not projected yet, or not far enough, or kept in the shape of another version: the stream itself knows.
    const folded = await foldRecorded(eventStore, customerId, { signal, from: row });
    if (folded.revision < 0) throw unknownCustomer(customerId, 'has no account');
    if (folded.revision < minRevision) throw new RevisionNotVisible(customerId, minRevision, 0);
    return folded;
  }
}

/** Nobody, or nobody yet: CUSTOMER_UNKNOWN. */
export function unknownCustomer(customerId: string, what: string): Refused {
  return new Refused(rejection('CUSTOMER_UNKNOWN', `customer ${JSON.stringify(customerId)} ${what}`));
}
