import { grantOf, remainder, type Draw, type Grant, type Moment, type Source, type World } from './world.js';
import { least, type Units } from './units.js';

/** What wants to be paid: usage of a feature (null: of none in particular) placed at an instant. */
export interface Claim {
  readonly wallet: string;
  readonly feature: string | null;
  readonly at: number;
}

/** Draws on the grants that may pay, in burn-down order, as far as they reach. */
export function draw(world: World, claim: Claim, amount: Units, moment: Moment): readonly Draw[] {
  const draws: Draw[] = [];
  let left = amount;
  for (const grant of payers(world, claim, moment)) {
    const part = least(left, remainder(grant));
    if (part > 0n) draws.push({ grant: grant.id, amount: part });
    left -= part;
  }
  return draws;
}

/** The grants that may pay the claim, first to burn first. */
export function payers(world: World, claim: Claim, { clockSkewMs }: Moment): readonly Grant[] {
  const may = world.grants.filter(
    (grant) =>
      grant.effectiveAt <= claim.at + clockSkewMs &&
      (grant.expiresAt === null || grant.expiresAt > claim.at) &&
      remainder(grant) > 0n &&
      (grant.features === null || (claim.feature !== null && grant.features.includes(claim.feature))),
  );
  return inBurnOrder(world, may, claim.wallet, claim.at);
}

/** Those of some grants that are in a wallet, first to burn first. */
export function inBurnOrder(
  world: World,
  grants: readonly Grant[],
  wallet: string,
  at: number,
): readonly Grant[] {
  return grants
    .filter((grant) => grant.wallet === wallet)
    .map((grant) => ({ grant, key: orderKey(world, grant, at) }))
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ grant }) => grant);
}

/** Whether anything may be paid from the grant at an instant, as far as its own terms go. */
export function paysAt({ features, effectiveAt, expiresAt }: Grant, at: number): boolean {
  return features === null && effectiveAt <= at && (expiresAt === null || at < expiresAt);
}

type Key = readonly (number | string)[];

const SOURCES: readonly Source[] = ['included', 'promotional', 'purchased'];

/**
 * Usage from before a rollover burns the credits that have moved since where they were then: in the grant they
 * came from, after what is left there. An outage must make no difference to what is burned.
 */
function orderKey(world: World, grant: Grant, at: number): Key {
  if (grant.rolledFrom !== null && at < grant.grantedAt)
    return [...ownKey(grantOf(world, grant.rolledFrom), at), 1];
  return [...ownKey(grant, at), 0];
}

/** Usage from before an early end was decided burns by the end that was planned then. */
function ownKey(grant: Grant, at: number): Key {
  const planned = grant.plannedEnds.find(({ until }) => at < until);
  const end = planned ? planned.end : grant.expiresAt;
  return [
    grant.priority,
    end ?? Infinity,
    grant.features === null ? 1 : 0,
    SOURCES.indexOf(grant.source),
    grant.effectiveAt,
    grant.grantedAt,
    grant.id,
  ];
}

function compareKeys(a: Key, b: Key): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? 0;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
