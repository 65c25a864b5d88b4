import { median } from '../measurement.js';
import { askHelper } from './child.js';
import type { Resources } from './resources.js';
import type { Service } from './service.js';

/** Given to `processes/append-again.ts`. */
export interface AppendAgain {
  /** The store whose account events are appended once more. */
  readonly source: string;
  /** An empty store. */
  readonly target: string;
  /** Events per append, on average. */
  readonly perAppend: number;
  readonly rounds: number;
}

export interface AppendedAgain {
  /** Events per second, by round. */
  readonly perSecond: readonly number[];
  /** Data and metadata per event. */
  readonly bytes: number;
}

/**
 * What the event store takes with no logic before or behind it: the same events to the same number of streams,
 * as many to an append as the ledger managed, in a process of its own.
 */
export async function appendCeiling(
  resources: Resources,
  service: Service,
  target: string,
): Promise<{ readonly store: { readonly what: string; readonly value: number }; readonly bytes: number }> {
  const appends = await service.metric('purser_appends_total', 'result="ok"');
  const perAppend = (await service.metric('purser_appended_events_total')) / appends;
  const task: AppendAgain = { source: service.eventStoreUrl, target, perAppend, rounds: 3 };
  const answer = await askHelper(resources, 'append-again', task);
  const { perSecond, bytes } = answer as AppendedAgain;
  const what = `the store alone, ${perAppend.toFixed(1)} events an append`;
  return { store: { what, value: median(perSecond) }, bytes };
}
