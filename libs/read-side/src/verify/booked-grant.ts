import type { CreditSource, GrantTerms, Instant } from '#domain';

/** A grant as the verifier keeps it, in 10⁻¹² credits. Its own bookkeeping: nothing of the domain's folding. */
export interface BookedGrant {
  readonly id: string;
  readonly source: CreditSource;
  readonly priority: number;
  readonly effectiveAt: Instant;
  readonly grantedAt: Instant;
  readonly features: readonly string[] | null;
  /** The grant this one was rolled over from. */
  readonly rolledFrom: string | null;
  expiresAt: Instant | null;
  /** What `expiresAt` was before the grant was ended early, each until that was decided; oldest first. */
  readonly plannedEnds: { readonly until: Instant; readonly expiresAt: Instant | null }[];
  readonly granted: bigint;
  available: bigint;
  held: bigint;
  consumed: bigint;
  expired: bigint;
  voided: bigint;
  /** Voided while holds had some of it. */
  voidedInHold: boolean;
  rolledOver: bigint;
}

export function bookGrant(terms: GrantTerms, granted: bigint, grantedAt: Instant): BookedGrant {
  return {
    id: terms.grantId,
    source: terms.source,
    priority: terms.priority,
    effectiveAt: terms.effectiveAt,
    grantedAt,
    features: terms.features,
    rolledFrom: terms.origin.kind === 'rollover' ? terms.origin.fromGrantId : null,
    expiresAt: terms.expiresAt,
    plannedEnds: [],
    granted,
    available: granted,
    held: 0n,
    consumed: 0n,
    expired: 0n,
    voided: 0n,
    voidedInHold: false,
    rolledOver: 0n,
  };
}

export const PARTS = ['available', 'held', 'consumed', 'expired', 'voided', 'rolledOver'] as const;
export type Part = (typeof PARTS)[number];
