import { Amount, instantFromMs } from '#domain';
import type { TransactionRow } from '#projections';
import { fromStorableText } from '../storable-text.js';
import type { TransactionGroup } from '../transaction-group.js';

/** A row of the table `transactions`. */
export interface StoredTransaction {
  readonly account_id: number;
  readonly revision: number;
  readonly group_id: number;
  readonly occurred_at: number;
  readonly recorded_at: number;
  readonly event_id: string;
  readonly change_included: string;
  readonly change_purchased: string;
  readonly change_promotional: string;
  readonly change_held: string;
  readonly included: string;
  readonly purchased: string;
  readonly promotional: string;
  readonly held: string;
  readonly uncovered: string;
  readonly usage_source: string | null;
  readonly usage_id: string | null;
  readonly grant_id: string | null;
  readonly hold_id: string | null;
}

export function toTransactionRow(
  customerId: string,
  group: TransactionGroup,
  stored: StoredTransaction,
): TransactionRow {
  return {
    customerId,
    revision: stored.revision,
    eventId: fromStorableText(stored.event_id),
    creditSystem: group.creditSystem,
    type: group.type,
    occurredAt: instantFromMs(stored.occurred_at),
    recordedAt: instantFromMs(stored.recorded_at),
    change: {
      included: Amount.parse(stored.change_included),
      purchased: Amount.parse(stored.change_purchased),
      promotional: Amount.parse(stored.change_promotional),
      held: Amount.parse(stored.change_held),
    },
    touched: group.touched,
    balance: {
      included: Amount.parse(stored.included),
      purchased: Amount.parse(stored.purchased),
      promotional: Amount.parse(stored.promotional),
      held: Amount.parse(stored.held),
    },
    uncovered: Amount.parse(stored.uncovered),
    feature: group.feature,
    usageSource: readable(stored.usage_source),
    usageId: readable(stored.usage_id),
    grantId: readable(stored.grant_id),
    holdId: readable(stored.hold_id),
  };
}

function readable(stored: string | null): string | null {
  return stored === null ? null : fromStorableText(stored);
}
