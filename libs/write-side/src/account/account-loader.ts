import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import type { EventStore } from '#event-store';
import { readAccount } from '#journal';
import type { AccountRow } from '#projections';
import type { ReadStore } from '#read-store';
import { LoadedAccount } from './loaded-account.js';

/**
 * Finds accounts: in memory, else by the read store's row, which is the snapshot. Rows asked for in the same
 * turn of the event loop come with one query. A loaded account may lag behind its stream; the exact revision
 * of an append proves that it did not, and `catchUp` is for decisions that append nothing.
 */
export class AccountLoader {
  readonly #cache: LRUCache<string, LoadedAccount>;
  readonly #rows: DataLoader<string, AccountRow | undefined>;

  constructor(
    private readonly eventStore: EventStore,
    readStore: ReadStore,
    cacheSize: number,
  ) {
    this.#cache = new LRUCache({ max: cacheSize });
    this.#rows = new DataLoader(
      async (customerIds) => {
        const rows = await readStore.accounts(customerIds);
        return customerIds.map((customerId) => rows.get(customerId));
      },
      { cache: false, maxBatchSize: 1_000 },
    );
  }

  get cached(): number {
    return this.#cache.size;
  }

  /** The account if it is in memory, as most are. */
  find(customerId: string): LoadedAccount | undefined {
    return this.#cache.get(customerId);
  }

  /** Brings an account into memory, as the read store knows it: one that `find` has not found. */
  async load(customerId: string): Promise<LoadedAccount> {
    const account = new LoadedAccount(customerId, await this.#rows.load(customerId));
    this.#cache.set(customerId, account);
    return account;
  }

  /** Reads the tail of the stream that the account has not folded yet. */
  async catchUp(account: LoadedAccount): Promise<void> {
    for await (const batch of readAccount(this.eventStore, account.customerId, account.head.revision + 1)) {
      account.follow(batch);
    }
  }

  /** Whatever is in memory of this account is in doubt. */
  forget(customerId: string): void {
    this.#cache.delete(customerId);
  }
}
