import { changeGrant, type Draw, type World } from './world.js';

/**
 * Credits come back to the grants they were taken from. What comes back after the grant's end (or at it, unless it is
 * time itself that brings it back) expires with it and does not roll over any more.
 */
export function giveBack(
  world: World,
  draws: readonly Draw[],
  at: number,
  from: 'held' | 'consumed',
  { byTime } = { byTime: false },
): void {
  for (const { grant: id, amount } of draws) {
    changeGrant(world, id, (grant) => {
      const end = grant.expiresAt ?? Infinity;
      return {
        [from]: grant[from] - amount,
        rollover: end < at || (end === at && !byTime) ? null : grant.rollover,
        plannedEnds: grant.plannedEnds.map((planned) => ({ ...planned, until: knownBy(planned.until, at) })),
      };
    });
  }
}

/** What comes back makes known what was decided while nothing was left; what was known before stays as it was. */
function knownBy(until: number, at: number): number {
  return until === Infinity ? at : until;
}
