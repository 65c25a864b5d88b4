/** A kind of credit a customer can hold. */
export interface CreditSystem {
  /** Unique for ever: a key is never reused and never changes. */
  readonly key: string;
  /** Unique among the names in use, without regard to case. */
  readonly name: string;
  /** Shown to customers during top-ups. Null: none. */
  readonly description: string | null;
  readonly unitLabels: UnitLabels;
  /** Decimals a debit is rounded to, 0–12. Never changes: balances are already of this scale. */
  readonly scale: number;
  /** How long after its expiry a grant waits for usage from before it (milliseconds). */
  readonly lateUsageGraceMs: number;
}

/** `credit` / `credits` */
export interface UnitLabels {
  readonly singular: string;
  readonly plural: string;
}

export const DEFAULT_SCALE = 6;
export const MAX_SCALE = 12;
export const DEFAULT_LATE_USAGE_GRACE_MS = 3_600_000;
export const DEFAULT_UNIT_LABELS: UnitLabels = { singular: 'credit', plural: 'credits' };
export const MAX_KEY_LENGTH = 64;

/** The key of a credit system that was defined without one: `AI Tokens` → `ai-tokens`. Empty when nothing is left. */
export function keyFromName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_KEY_LENGTH)
    .replace(/^-+|-+$/g, '');
}

/** An empty description is none. */
export function descriptionOf(text: string | null | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** Two names that a customer cannot tell apart are one. */
export function sameName(a: string, b: string): boolean {
  return comparable(a) === comparable(b);
}

function comparable(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}
