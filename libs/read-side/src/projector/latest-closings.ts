import type { ClosedGrantRow } from '#projections';

/** Each grant once, as it closed last: a reversal may have reopened it in between. */
export function latestClosings(closings: readonly ClosedGrantRow[]): readonly ClosedGrantRow[] {
  const latest = new Map<string, ClosedGrantRow>();
  for (const closed of closings) {
    latest.set(JSON.stringify([closed.creditSystem, closed.grant.grantId]), closed);
  }
  return [...latest.values()];
}
