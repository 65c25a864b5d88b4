import { changeGrant, type Draw, type World } from './world.js';

/**
 * Credits come back to the grants they were taken from. What comes back after the grant's end expires with it and
 * does not roll over any more.
 */
export function giveBack(world: World, draws: readonly Draw[], at: number, from: 'held' | 'consumed'): void {
  for (const { grant: id, amount } of draws) {
    changeGrant(world, id, (grant) => ({
      [from]: grant[from] - amount,
      rollover: grant.expiresAt !== null && grant.expiresAt <= at ? null : grant.rollover,
    }));
  }
}
