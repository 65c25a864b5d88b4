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
import type { Unit } from './unit-chain.js';

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
  advance(units: readonly Unit[]): void {
    let { revision } = this.#head;
    for (const { events, identity, after, head } of units) {
      for (const event of events) this.#remember(event, ++revision, identity);
      this.#state = after;
      this.#head = head;
    }
    this.#state = withoutClosedGrants(this.#state);
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

  /** @param known the text of who caused the event, where it has been made already */
  #remember(event: AccountEvent, revision: number, known: string | null = null): void {
    const { cause } = event;
    // Usage has no other, and is most of what there is: made anew, the text would have to be hashed anew as well.
    if (known !== null && cause.kind === 'usage') this.#note(known, cause.fingerprint, revision);
    else
      for (const { identity, fingerprint } of identitiesOf(event))
        this.#note(identity, fingerprint, revision);
  }

  /** The first event that an id caused stands for it. */
  #note(identity: string, fingerprint: string, revision: number): void {
    if (!this.#ids.has(identity)) this.#ids.set(identity, { fingerprint, revision });
  }
}
