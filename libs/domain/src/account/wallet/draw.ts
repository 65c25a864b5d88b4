import { Amount } from '../../amount/index.js';
import { plusMs, type Instant } from '../../time/index.js';
import type { Draw, Grant } from '../events.js';
import type { Wallet } from '../state.js';
import { burnOrderAt } from './burn-order.js';

export const DEFAULT_CLOCK_SKEW_MS = 5000;

/** What wants to be paid: usage of a feature (null: anything but what is limited to features), placed at `at`. */
export interface Claim {
  readonly feature: string | null;
  readonly at: Instant;
  /** How far a producer's clock may be behind ours: a grant counts that much before it takes effect. */
  readonly clockSkewMs: number;
}

export interface Payment {
  readonly draws: readonly Draw[];
  /** Σ draws */
  readonly covered: Amount;
  readonly uncovered: Amount;
}

/** Takes `amount` from the grants that may pay the claim, in burn-down order, as far as they reach. */
export function pay(wallet: Wallet, claim: Claim, amount: Amount): Payment {
  const draws: Draw[] = [];
  let left = amount;
  if (left.isPositive) {
    for (const grant of burnOrderAt(wallet, claim.at)) {
      if (!maySpend(grant, claim)) continue;
      const part = grant.available.lessThan(left) ? grant.available : left;
      draws.push({ grantId: grant.grantId, source: grant.source, amount: part });
      left = left.minus(part);
      if (left.isZero) break;
    }
  }
  return { draws, covered: amount.minus(left), uncovered: left };
}

/** All that the claim could take. */
export function spendable(wallet: Wallet, claim: Claim): Amount {
  return Amount.sum(wallet.grants.filter((grant) => maySpend(grant, claim)).map((grant) => grant.available));
}

function maySpend(grant: Grant, { feature, at, clockSkewMs }: Claim): boolean {
  return (
    grant.available.isPositive &&
    (grant.expiresAt === null || grant.expiresAt > at) &&
    (grant.features === null || (feature !== null && grant.features.includes(feature))) &&
    (grant.effectiveAt <= at || grant.effectiveAt <= plusMs(at, clockSkewMs))
  );
}
