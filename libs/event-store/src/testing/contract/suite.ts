import type { EventStore, Position } from '../../port.js';

/** A store to be tested, and the faults that this kind of store can have. */
export interface EventStoreUnderTest {
  readonly store: EventStore;
  /** Another handle on the same data, as another process would hold it; the suite closes it. */
  openAnother(): Promise<EventStore>;
  /** Others use it as well, and it may be large: tests begin where the suite did, not at the start. */
  readonly inUse?: true;
  /** Breaks the connections that are open now. Left out where there are none. */
  disconnect?(): Promise<void>;
  /** The next append is written, but its answer never arrives. Left out where it cannot be brought about. */
  loseNextAnswer?(): void;
  /** Closes the store and everything that belongs to it. */
  close(): Promise<void>;
}

/** What the parts of the suite share. */
export interface Suite {
  readonly underTest: () => EventStoreUnderTest;
  readonly store: () => EventStore;
  /** Where to begin to read everything: at the start, unless the store is in use. */
  readonly start: () => { readonly after?: Position };
  /** A name that no other test and no earlier run has used: the server may hold foreign data. */
  readonly fresh: (name: string) => string;
}
