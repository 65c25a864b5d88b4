import {
  evolve,
  initialAccount,
  withoutClosedGrants,
  type AccountEvent,
  type AccountState,
  type Seen,
} from '#domain';
import { EMPTY_STREAM, JournalCorrupt, type JournaledEvent, type StreamHead } from '#journal';
import { identitiesOf, type AccountRow } from '#projections';

/**
 * An account in memory: its folded state, the end of its stream, and the ids in the events that the process
 * has seen itself. Changed only by folding events that are in the store.
 */
export class LoadedAccount {
  #state: AccountState;
  #head: StreamHead;
  /** Ids in the events after `idsFrom`; earlier ones are in the read store's index. */
  readonly #ids = new Map<string, Seen>();
  #idsFrom: number;

  constructor(
    readonly customerId: string,
    row: AccountRow | undefined,
  ) {
    this.#state = row?.state ?? initialAccount;
    this.#head = row ? { revision: row.revision, hash: row.headHash } : EMPTY_STREAM;
    this.#idsFrom = this.#head.revision;
  }

  get state(): AccountState {
    return this.#state;
  }

  get head(): StreamHead {
    return this.#head;
  }

  /** Ids in events up to this revision are not in memory: ask the read store. -1: all ids are here. */
  get idsFrom(): number {
    return this.#idsFrom;
  }

  get idCount(): number {
    return this.#ids.size;
  }

  seen(identity: string): Seen | undefined {
    return this.#ids.get(identity);
  }

  /** Folds what this process appended itself. */
  advance(events: readonly AccountEvent[], state: AccountState, head: StreamHead): void {
    events.forEach((event, index) => {
      this.#remember(event, this.#head.revision + 1 + index);
    });
    this.#state = withoutClosedGrants(state);
    this.#head = head;
  }

  /** Folds what others appended. */
  follow(tail: readonly JournaledEvent[]): void {
    for (const { revision, hash, previousHash, event } of tail) {
      if (revision <= this.#head.revision) continue;
      if (revision !== this.#head.revision + 1 || previousHash !== this.#head.hash) {
        throw new JournalCorrupt(
          `account ${this.customerId}: the event at revision ${revision} does not follow revision ` +
            `${this.#head.revision} with hash ${this.#head.hash}`,
        );
      }
      this.#state = withoutClosedGrants(evolve(this.#state, event));
      this.#head = { revision, hash };
      this.#remember(event, revision);
    }
  }

  /** Ids of the events after `from` up to those in memory, found by reading the stream again. */
  recall(older: ReadonlyMap<string, Seen>, from: number): void {
    for (const [identity, seen] of older) this.#ids.set(identity, seen);
    this.#idsFrom = Math.min(this.#idsFrom, from);
  }

  /** The read store's index has come this far: what it knows need not be kept here. */
  forgetThrough(revision: number): void {
    if (revision <= this.#idsFrom) return;
    for (const [identity, seen] of this.#ids) if (seen.revision <= revision) this.#ids.delete(identity);
    this.#idsFrom = revision;
  }

  #remember(event: AccountEvent, revision: number): void {
    for (const { identity, fingerprint } of identitiesOf(event)) {
      // The first event that an id caused stands for it.
      if (!this.#ids.has(identity)) this.#ids.set(identity, { fingerprint, revision });
    }
  }
}
