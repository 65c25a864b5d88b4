import type { EventStore } from '#event-store';
import type { Writer } from './output/writer.js';

/** How a run ends, for scripts. */
export const EXIT = { ok: 0, found: 1, wrong: 2, away: 3 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Where a run reads from and writes to. */
export interface Run {
  readonly journal: EventStore;
  readonly out: Writer;
  /** Remarks for people. */
  readonly err: (text: string) => void;
  readonly showProgress: boolean;
}
