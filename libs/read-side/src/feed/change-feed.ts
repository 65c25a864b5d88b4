import { setTimeout as delay } from 'node:timers/promises';
import { ShuttingDown } from '#platform';
import type { ReadStore } from '#read-store';
import { ACCOUNTS_PROJECTOR } from '../projector/projector.js';
import { AccountWatch } from './account-watch.js';
import { ChangeFeedFull, RevisionNotVisible } from './errors.js';

/** Pause between two looks while changes come in, and what it grows to while none do. */
const PAUSE_MS = { least: 2, most: 20 };
/** Accounts looked at with one query. */
const PAGE = 1_000;
/** Of no usage event and no command: asked for the sake of the answer's `projectedThrough`. */
const NO_IDENTITY = '';

/**
 * Tells who waits for an account that the read store has something new of it. Works by looking at the store, so
 * that it makes no difference where the projector runs; and looks only while somebody waits.
 */
export class ChangeFeed {
  readonly #watches = new Map<string, Set<AccountWatch>>();
  #count = 0;
  /** Watches begun since the last look: what they missed before is read once. */
  #fresh = new Set<AccountWatch>();
  #looking = false;
  #closed = false;

  /** @param maxWatches everybody who waits or watches, at most */
  constructor(
    private readonly readStore: ReadStore,
    private readonly maxWatches: number,
  ) {}

  /** How many wait or watch now. */
  get watches(): number {
    return this.#count;
  }

  /**
   * Watches an account until closed: its revision as it is now, then the latest whenever it has changed.
   * @throws ChangeFeedFull, ShuttingDown
   */
  watch(customerId: string): AccountWatch {
    if (this.#closed) throw new ShuttingDown();
    if (this.#count >= this.maxWatches) throw new ChangeFeedFull(this.maxWatches);
    const watch = new AccountWatch(customerId, () => this.#forget(watch));
    const others = this.#watches.get(customerId);
    if (others) others.add(watch);
    else this.#watches.set(customerId, new Set([watch]));
    this.#count += 1;
    this.#fresh.add(watch);
    if (!this.#looking) void this.#look();
    return watch;
  }

  /**
   * Resolves when the read store has folded the account up to this revision.
   * @throws RevisionNotVisible after `timeoutMs`; whatever the signal aborts with; ReadStoreUnavailable
   */
  async waitForRevision(
    customerId: string,
    revision: number,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<void> {
    const watch = this.watch(customerId);
    const until = Date.now() + timeoutMs;
    try {
      let seen = await watch.next(signal, until - Date.now());
      while (seen === undefined || seen < revision) {
        if (Date.now() >= until) throw new RevisionNotVisible(customerId, revision, timeoutMs);
        seen = await watch.next(signal, until - Date.now());
      }
    } finally {
      watch.close();
    }
  }

  /** Tells whoever waits that this process goes away, so that they ask another one. */
  close(): void {
    this.#closed = true;
    this.#failAll(new ShuttingDown());
  }

  #failAll(error: unknown): void {
    for (const watches of [...this.#watches.values()]) for (const watch of [...watches]) watch.fail(error);
  }

  #forget(watch: AccountWatch): void {
    const others = this.#watches.get(watch.customerId);
    if (!others?.delete(watch)) return;
    if (others.size === 0) this.#watches.delete(watch.customerId);
    this.#fresh.delete(watch);
    this.#count -= 1;
  }

  /** Looks again and again while anybody watches. */
  async #look(): Promise<void> {
    this.#looking = true;
    try {
      let after = (await this.readStore.checkpoint(ACCOUNTS_PROJECTOR)) ?? -1n;
      for (let pause = PAUSE_MS.least; this.#count > 0;) {
        const changed = await this.readStore.changedAccounts(after, PAGE);
        for (const { customerId, revision, checkpoint } of changed) {
          if (checkpoint > after) after = checkpoint;
          this.#watches.get(customerId)?.forEach((watch) => watch.tell(revision));
        }
        await this.#tellFresh();
        if (changed.length >= PAGE) continue;
        pause = changed.length > 0 ? PAUSE_MS.least : Math.min(pause * 2, PAUSE_MS.most);
        await delay(pause);
      }
    } catch (error) {
      // Whoever waits learns it now; the next one to come makes it look again.
      this.#failAll(error);
    } finally {
      this.#looking = false;
    }
    if (this.#count > 0) void this.#look();
  }

  /** After the look at what has changed, so that nothing is missed in between. */
  async #tellFresh(): Promise<void> {
    if (this.#fresh.size === 0) return;
    const fresh = this.#fresh;
    this.#fresh = new Set();
    const customers = new Set([...fresh].map(({ customerId }) => customerId));
    // How far an account is projected, and not its row: that one is not seen in the shape of another version.
    const { projectedThrough } = await this.readStore.seen(
      [...customers].map((customerId) => ({ customerId, identity: NO_IDENTITY })),
    );
    for (const watch of fresh) watch.tell(projectedThrough.get(watch.customerId) ?? -1);
  }
}
