import { createHash } from 'node:crypto';
import { Amount, instant, instantFromMs, type AccountState, type Balance, type Grant } from '#domain';
import type { AccountChange, AccountRow, AgendaItem, RememberedId, TransactionRow } from '#projections';

/** Rows for tests of a store, which never looks inside them; not what any decision would produce. */

export const START = instant('2026-01-01T00:00:00.000Z');

export function amount(text: string | number): Amount {
  return Amount.parse(String(text));
}

export function balance(of: Partial<Record<keyof Balance, string | number>> = {}): Balance {
  return {
    included: amount(of.included ?? 0),
    purchased: amount(of.purchased ?? 0),
    promotional: amount(of.promotional ?? 0),
    held: amount(of.held ?? 0),
  };
}

export function sampleGrant(grantId: string, over: Partial<Grant> = {}): Grant {
  return {
    grantId,
    source: 'promotional',
    priority: 50,
    effectiveAt: START,
    expiresAt: instant('2027-01-01T00:00:00.000Z'),
    features: null,
    origin: { kind: 'promotion', reason: 'Willkommen – 欢迎', actor: 'support' },
    rollover: null,
    grantedAt: START,
    granted: amount(100),
    available: amount('99.5'),
    held: Amount.zero,
    consumed: amount('0.5'),
    expired: Amount.zero,
    voided: Amount.zero,
    rolledOver: Amount.zero,
    ...over,
  };
}

export function sampleState(grants: readonly Grant[] = [sampleGrant('g1')]): AccountState {
  const available = Amount.sum(grants.map((grant) => grant.available));
  return {
    exists: true,
    recordedThrough: START,
    subscriptions: [],
    wallets: {
      'ai-tokens': {
        creditSystem: 'ai-tokens',
        grants,
        closed: [],
        holds: [],
        balance: { ...balance(), promotional: available },
        uncovered: { blocked: Amount.zero, billable: Amount.zero },
        low: false,
        autoTopUp: null,
      },
    },
  };
}

export function sampleRow(customerId: string, revision = 0, over: Partial<AccountRow> = {}): AccountRow {
  const headHash = createHash('sha256').update(`${customerId} ${revision}`).digest('hex');
  return { customerId, revision, state: sampleState(), headHash, ...over };
}

/** One minute after the other, by revision. */
export function sampleTransaction(
  customerId: string,
  revision: number,
  over: Partial<TransactionRow> = {},
): TransactionRow {
  const at = instantFromMs(Date.parse(START) + revision * 60_000);
  return {
    customerId,
    revision,
    eventId: `00000000-0000-5000-8000-${revision.toString(16).padStart(12, '0')}`,
    creditSystem: 'ai-tokens',
    type: 'debited',
    occurredAt: at,
    recordedAt: at,
    change: balance({ promotional: '-0.5' }),
    touched: ['promotional'],
    balance: balance({ promotional: '99.5' }),
    uncovered: Amount.zero,
    feature: 'image-generation',
    usageSource: 'api-gateway-eu',
    usageId: `usage-${revision}`,
    grantId: null,
    holdId: null,
    ...over,
  };
}

export function sampleId(customerId: string, identity: string, revision = 0): RememberedId {
  const fingerprint = createHash('sha256').update(identity).digest('hex');
  return { customerId, identity, fingerprint, revision };
}

/** A change with a row and nothing else, but for what is said. */
export function sampleChange(
  customerId: string,
  revision = 0,
  over: Partial<AccountChange> = {},
): AccountChange {
  const row = sampleRow(customerId, revision);
  return { row, transactions: [], ids: [], closedGrants: [], agenda: [], ...over };
}

export function settleAt(customerId: string, at: string): AgendaItem {
  return { customerId, kind: 'settle', creditSystem: null, at: instant(at) };
}

export function expiryAt(customerId: string, creditSystem: string, at: string): AgendaItem {
  return { customerId, kind: 'expiry', creditSystem, at: instant(at) };
}
