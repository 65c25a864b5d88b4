import type { Metrics } from '#platform';
import type { Outcome } from '../account/outcome.js';
import { outcomeLabel } from './usage-outcome.js';

/** Counts what became of usage. Refusals are left to who says why. */
export function countOutcomes(
  { usageEvents }: Pick<Metrics, 'usageEvents'>,
  outcomes: readonly Outcome[],
): void {
  // A label is looked up by its text: once for all that came to the same.
  const counts = new Map<string, number>();
  for (const outcome of outcomes) {
    if (outcome.kind === 'rejected') continue;
    const label = outcomeLabel(outcome);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  for (const [outcome, count] of counts) usageEvents.inc({ outcome }, count);
}
