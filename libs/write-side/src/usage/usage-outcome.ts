import type { CreditsDebited, PricedUsage, UsageUncovered } from '#domain';
import type { Outcome, PlacedEvent } from '../account/outcome.js';

/** What became of one usage event, out of the events it caused. */
export interface UsageResult {
  readonly usage: PricedUsage;
  readonly kind: 'DEBITED' | 'PARTIALLY_COVERED' | 'UNCOVERED';
  readonly debit: CreditsDebited | undefined;
  readonly uncovered: UsageUncovered | undefined;
  /** The last of them: the wallet after the usage. */
  readonly last: CreditsDebited | UsageUncovered;
}

/** @throws Error when none of the events is a usage event's: nothing that a ledger writes for usage */
export function usageResult(events: readonly PlacedEvent[]): UsageResult {
  let debit: CreditsDebited | undefined;
  let uncovered: UsageUncovered | undefined;
  for (const { event } of events) {
    if (event.type === 'CreditsDebited') debit ??= event;
    else if (event.type === 'UsageUncovered') uncovered ??= event;
  }
  const last = uncovered ?? debit;
  if (!last)
    throw new Error(`none of ${events.map(({ event }) => event.type).join(', ')} says what usage came to`);
  return { usage: last.usage, kind: kindOf(debit, uncovered), debit, uncovered, last };
}

function kindOf(
  debit: CreditsDebited | undefined,
  uncovered: UsageUncovered | undefined,
): UsageResult['kind'] {
  if (!uncovered) return 'DEBITED';
  return debit ? 'PARTIALLY_COVERED' : 'UNCOVERED';
}

/** The label under which each kind of result is counted. */
const LABELS = {
  DEBITED: 'debited',
  PARTIALLY_COVERED: 'partially_covered',
  UNCOVERED: 'uncovered',
} as const satisfies Record<UsageResult['kind'], string>;

/** The label under which an outcome is counted. */
export function outcomeLabel(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'applied':
      return outcome.events.length === 0 ? 'nothing' : LABELS[usageResult(outcome.events).kind];
    case 'duplicate':
      return 'duplicate';
    case 'notCreditMetered':
      return 'not_credit_metered';
    case 'rejected':
      return 'refused';
  }
}
