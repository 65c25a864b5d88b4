import { askHelper } from './child.js';
import type { Resources } from './resources.js';

/** Given to `processes/seed-ledger.ts`. */
export interface SeedLedger {
  /** An empty event store. */
  readonly eventStoreUrl: string;
  readonly accounts: number;
  /** Usage events of each account. */
  readonly usagesEach: number;
}

export interface Seeded {
  /** Events of accounts that were appended. */
  readonly events: number;
}

/** Fills an event store with accounts that have a history, in a process of its own. */
export async function seedLedger(resources: Resources, task: SeedLedger): Promise<Seeded> {
  return (await askHelper(resources, 'seed-ledger', task)) as Seeded;
}
