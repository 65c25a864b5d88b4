import type { AccountChange } from '#projections';
import type { ReadStore } from '../../port.js';

export interface OpenOptions {
  readonly stateVersion?: number;
}

/** One set of data that any number of stores may be opened on, as processes share a database. */
export interface ReadStoreFixture {
  open(options?: OpenOptions): Promise<ReadStore>;
  /** After every store that was opened has been closed by the suite. */
  destroy(): Promise<void>;
}

/** For one test: everything opened is closed at its end. */
export interface Stage {
  /** The store under test. */
  readonly store: ReadStore;
  /** Another one on the same data. */
  readonly another: (options?: OpenOptions) => Promise<ReadStore>;
  /** Applies changes as the next batch of the projector `p`; its checkpoint. */
  readonly apply: (...changes: AccountChange[]) => Promise<bigint>;
}

export type GetStage = () => Stage;
