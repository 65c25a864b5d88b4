import type { Instant } from '../../time/index.js';
import type { CreditSource, Grant } from '../events.js';
import type { Wallet } from '../state.js';
import { endedEarlyAfter, endPlannedAt } from './ended-early.js';

/** Free before paid. */
const SOURCE_RANK: Readonly<Record<CreditSource, number>> = { included: 0, promotional: 1, purchased: 2 };

/**
 * Which of two grants pays first: priority, nearest expiry, limited to features before unlimited, free before
 * paid, then effective, granted, id.
 */
export function compareBurnOrder(a: Grant, b: Grant): number {
  return compareKeys(keyOf(a, a.expiresAt), keyOf(b, b.expiresAt));
}

/** Where a new grant belongs among grants that are in burn-down order already. */
export function insertInBurnOrder(grants: readonly Grant[], grant: Grant): readonly Grant[] {
  const behind = grants.findIndex((other) => compareBurnOrder(grant, other) < 0);
  return behind < 0 ? [...grants, grant] : grants.toSpliced(behind, 0, grant);
}

/**
 * The grants in the order in which usage placed at `at` draws on them. Credits that have rolled over since count
 * for it as if they were still in the grant they came from, right behind what is left there, and a grant that has been
 * ended early since as if it were not: so it makes no difference whether usage arrives before its period's end, or a
 * cancellation, or after.
 */
export function burnOrderAt(wallet: Wallet, at: Instant): readonly Grant[] {
  if (!wallet.grants.some((grant) => rolledOverAfter(grant, at) || endedEarlyAfter(grant, at)))
    return wallet.grants;
  return wallet.grants
    .map((grant) => ({ grant, key: keyAt(grant, at) }))
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ grant }) => grant);
}

interface BurnKey {
  readonly priority: number;
  readonly expiresAt: Instant | null;
  readonly limited: boolean;
  readonly source: CreditSource;
  readonly effectiveAt: Instant;
  readonly grantedAt: Instant;
  readonly grantId: string;
  /** Where credits of one grant stand in two: first what is left, then what has rolled over. */
  readonly part: number;
}

function keyAt(grant: Grant, at: Instant): BurnKey {
  return rolledOverAfter(grant, at) ? keyBeforeRollover(grant) : keyOf(grant, endPlannedAt(grant, at));
}

function keyOf(grant: Grant, expiresAt: Instant | null): BurnKey {
  const { priority, source, effectiveAt, grantedAt, grantId } = grant;
  return {
    priority,
    expiresAt,
    limited: grant.features !== null,
    source,
    effectiveAt,
    grantedAt,
    grantId,
    part: 0,
  };
}

function rolledOverAfter(grant: Grant, at: Instant): boolean {
  return grant.origin.kind === 'rollover' && at < grant.grantedAt;
}

/** A rollover grant is granted at the instant at which its origin expired, and an allowance when it takes effect. */
function keyBeforeRollover(grant: Grant): BurnKey {
  const fromGrantId = grant.origin.kind === 'rollover' ? grant.origin.fromGrantId : grant.grantId;
  return {
    ...keyOf(grant, grant.grantedAt),
    grantedAt: grant.effectiveAt,
    grantId: fromGrantId,
    part: 1,
  };
}

function compareKeys(a: BurnKey, b: BurnKey): number {
  return (
    a.priority - b.priority ||
    compareExpiry(a.expiresAt, b.expiresAt) ||
    Number(b.limited) - Number(a.limited) ||
    SOURCE_RANK[a.source] - SOURCE_RANK[b.source] ||
    compareText(a.effectiveAt, b.effectiveAt) ||
    compareText(a.grantedAt, b.grantedAt) ||
    compareText(a.grantId, b.grantId) ||
    a.part - b.part
  );
}

function compareExpiry(a: Instant | null, b: Instant | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return compareText(a, b);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
