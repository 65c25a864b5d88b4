import type { EventStore } from '#event-store';
import type { Writer } from './output/writer.js';

/** How a run ends, for scripts. */
export const EXIT = { ok: 0, found: 1, wrong: 2, away: 3 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Where a run writes to. */
export interface Outputs {
  readonly out: Writer;
  /** Remarks for people. */
  readonly err: (text: string) => void;
  readonly showProgress: boolean;
}

/** A run over the journal. */
export interface Run extends Outputs {
  readonly journal: EventStore;
}
