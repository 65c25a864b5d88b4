import { measured, median, type Measurement } from '../measurement.js';
import { askHelper } from './child.js';
import type { Resources } from './resources.js';

/** Given to `processes/replay.ts`. */
export interface Replay {
  readonly eventStoreUrl: string;
  readonly rounds: number;
}

export interface Replayed {
  readonly events: number;
  /** Events per second, read, decoded and folded. */
  readonly folded: readonly number[];
  /** Events per second, read and let go. */
  readonly read: readonly number[];
}

/** How fast the whole ledger is replayed, beside reading it and doing nothing. */
export async function measureReplay(resources: Resources, task: Replay): Promise<Measurement> {
  const { events, folded, read } = (await askHelper(resources, 'replay', task)) as Replayed;
  const what = `replay of the whole ledger of ${events.toLocaleString('en-GB')} events: read, decode, fold`;
  return measured(what, 'events/s', folded, { ceiling: { what: 'reading alone', value: median(read) } });
}
