import { plusMs, type Draw, type Instant } from '#domain';
import type { BookedGrant } from './booked-grant.js';

/** What a debit or hold wanted to be paid. */
export interface RecountedClaim {
  readonly feature: string | null;
  readonly at: Instant;
  readonly clockSkewMs: number;
}

/**
 * Which grants must pay, and how much each: the burn-down order of docs/domain.md once more, written down apart
 * from the domain so that a mistake in one of them shows.
 */
export function recountDraws(
  grants: Iterable<BookedGrant>,
  claim: RecountedClaim,
  amount: bigint,
): readonly { readonly grantId: string; readonly amount: bigint }[] {
  const inOrder = [...grants]
    .filter((grant) => mayPay(grant, claim))
    .map((grant) => ({ grant, place: placeOf(grant, claim.at) }))
    .sort((a, b) => comparePlaces(a.place, b.place));
  const draws: { grantId: string; amount: bigint }[] = [];
  let left = amount;
  for (const { grant } of inOrder) {
    if (left <= 0n) break;
    const part = grant.available < left ? grant.available : left;
    draws.push({ grantId: grant.id, amount: part });
    left -= part;
  }
  return draws;
}

export function sameDraws(
  recounted: readonly { readonly grantId: string; readonly amount: bigint }[],
  draws: readonly Draw[],
): boolean {
  return (
    recounted.length === draws.length &&
    recounted.every(({ grantId, amount }, index) => {
      const draw = draws[index];
      return draw?.grantId === grantId && draw.amount.units === amount;
    })
  );
}

function mayPay(grant: BookedGrant, { feature, at, clockSkewMs }: RecountedClaim): boolean {
  if (grant.available <= 0n) return false;
  if (grant.expiresAt !== null && grant.expiresAt <= at) return false;
  if (grant.features !== null && (feature === null || !grant.features.includes(feature))) return false;
  return grant.effectiveAt <= plusMs(at, clockSkewMs);
}

type Place = readonly (string | number)[];

const NEVER = '9999-12-31T23:59:59.999Z~';
const SOURCE_ORDER = { included: 0, promotional: 1, purchased: 2 } as const;

/** First key first; credits that rolled over after `at` still stand behind what is left of where they came from. */
function placeOf(grant: BookedGrant, at: Instant): Place {
  const before = grant.rolledFrom !== null && at < grant.grantedAt;
  return [
    grant.priority,
    before ? grant.grantedAt : (endKnownAt(grant, at) ?? NEVER),
    grant.features === null ? 1 : 0,
    SOURCE_ORDER[grant.source],
    grant.effectiveAt,
    before ? grant.effectiveAt : grant.grantedAt,
    before ? grant.rolledFrom : grant.id,
    before ? 1 : 0,
  ];
}

/** Usage from before an early end was decided burns by the end that was planned then. */
function endKnownAt({ plannedEnds, expiresAt }: BookedGrant, at: Instant): Instant | null {
  for (const planned of plannedEnds) if (planned.until > at) return planned.expiresAt;
  return expiresAt;
}

function comparePlaces(a: Place, b: Place): number {
  for (const [index, key] of a.entries()) {
    const other = b[index] ?? 0;
    if (key < other) return -1;
    if (key > other) return 1;
  }
  return 0;
}
