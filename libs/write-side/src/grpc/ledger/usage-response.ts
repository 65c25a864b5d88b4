import { dispositionMessage, drawMessages, type rpc } from '#contracts';
import type { PlacedEvent } from '../../account/outcome.js';
import { usageResult } from '../../usage/usage-outcome.js';
import { walletMessage } from './wallet-messages.js';

/** Says what usage came to, out of the events it caused: the same for its first answer and for every repeat. */
export function usageResponse(
  events: readonly PlacedEvent[],
  revision: number,
  duplicate: boolean,
): rpc.RecordUsageResponse {
  const { kind, usage, debit, uncovered, last } = usageResult(events);
  return {
    outcome: duplicate ? 'DUPLICATE' : kind,
    credits: usage.amount.toString(),
    draws: drawMessages(debit?.draws ?? []),
    uncovered: uncovered?.uncovered.toString() ?? '0',
    disposition: dispositionMessage(uncovered?.disposition),
    wallet: walletMessage(last),
    revision,
  };
}

/** The customer's plans give the feature no credit cost. */
export function notCreditMetered(revision: number): rpc.RecordUsageResponse {
  return {
    outcome: 'NOT_CREDIT_METERED',
    credits: '0',
    draws: [],
    uncovered: '0',
    disposition: 'UNCOVERED_DISPOSITION_UNSPECIFIED',
    wallet: null,
    revision,
  };
}
