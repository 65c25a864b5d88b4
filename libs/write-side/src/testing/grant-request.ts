import type { rpc } from '#contracts';

/** A gift of one token that never expires, but for the fields that are told. */
export function grantRequest(fields: Partial<rpc.GrantCreditsRequest>): rpc.GrantCreditsRequest {
  return {
    customerId: 'a',
    idempotencyKey: 'k',
    creditSystem: 'tokens',
    amount: '1',
    reason: 'welcome',
    actor: 'me',
    priority: undefined,
    effectiveAt: null,
    expiresAt: null,
    expiresAfter: '',
    features: [],
    ...fields,
  };
}
