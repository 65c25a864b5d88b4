import type { Metrics } from '#platform';
import type { Outcome } from '../account/outcome.js';
import { outcomeLabel } from './usage-outcome.js';

/**
 * Counts what became of many usage events. A label is looked up by its text: once for all that came to the same.
 * Refusals are left to who says why.
 */
export class OutcomeCounts {
  readonly #counts = new Map<string, number>();

  add(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'rejected') continue;
      const label = outcomeLabel(outcome);
      this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1);
    }
  }

  /** Hands over what was counted so far. */
  report({ usageEvents }: Pick<Metrics, 'usageEvents'>): void {
    for (const [outcome, count] of this.#counts) usageEvents.inc({ outcome }, count);
    this.#counts.clear();
  }
}
